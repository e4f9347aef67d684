namespace KBitQuant.Quantization;

/// <summary>Whether blocks have offsets, as a type.</summary>
internal interface IOffsets
{
    /// <summary>Whether one is added to each value.</summary>
    static abstract bool Any { get; }
}

/// <summary>None.</summary>
internal readonly struct NoOffsets : IOffsets
{
    public static bool Any => false;
}

/// <summary>One for each block.</summary>
internal readonly struct OffsetPerBlock : IOffsets
{
    public static bool Any => true;
}
