namespace KBitQuant.Tool.Options;

/// <summary>Where products are computed.</summary>
internal enum DeviceKind
{
    /// <summary>On the processor.</summary>
    Cpu,

    /// <summary>On the first GPU.</summary>
    Gpu,
}
