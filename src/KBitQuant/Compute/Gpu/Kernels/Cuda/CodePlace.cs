namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Where a code is among those of its lane in a slice of <see cref="PackedLayout"/>.</summary>
internal struct CodePlace
{
    /// <summary>Which of the four 32-bit words.</summary>
    public int Word;

    /// <summary>Which four symbols of the word.</summary>
    public int Group;

    /// <summary>Which of the four.</summary>
    public int Byte;

    /// <summary>Which code of the symbol.</summary>
    public int Code;
}
