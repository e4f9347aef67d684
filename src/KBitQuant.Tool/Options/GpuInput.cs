namespace KBitQuant.Tool.Options;

/// <summary>The type of inputs and outputs on a GPU.</summary>
internal enum GpuInput
{
    /// <summary>IEEE's 16-bit floats.</summary>
    Half,

    /// <summary>Brain floats.</summary>
    BFloat16,
}
