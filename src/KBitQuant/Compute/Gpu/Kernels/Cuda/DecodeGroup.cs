namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>What the groups of the kernels for one input row share: their shape and their shared memory.</summary>
internal static class DecodeGroup
{
    /// <summary>Threads of a group.</summary>
    public const int Size = 512;

    /// <summary>Warps of a group.</summary>
    public const int Warps = Size / 32;

    /// <summary>Bytes of the table, ahead of the partial sums.</summary>
    public const int TableBytes = 0x10000;

    /// <summary>Bytes of a slice's partial sums.</summary>
    public const int SumBytes = PackedLayout.UnitRows * sizeof(float);
}
