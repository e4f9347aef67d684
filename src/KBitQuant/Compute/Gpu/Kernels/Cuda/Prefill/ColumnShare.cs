using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>Which columns of a tile a group adds and writes, by eights.</summary>
internal struct ColumnShare
{
    /// <summary>The first eight of them.</summary>
    public int First;

    /// <summary>After the last one.</summary>
    public int End;

    /// <summary>How many eights of the tile there are input rows for.</summary>
    public int Count;

    /// <summary>The share of a group.</summary>
    /// <param name="columns">Columns of a tile.</param>
    /// <param name="m">Input rows from the tile's first one on.</param>
    /// <param name="share">The group's place among those that share the tile.</param>
    /// <param name="sharers">How many share it.</param>
    public static ColumnShare Of(int columns, int m, int share, int sharers)
    {
        int count = (IntrinsicMath.Min(columns, m) + 7) >> 3;
        return new() { First = count * share / sharers, End = count * (share + 1) / sharers, Count = count };
    }

    /// <summary>Whether eight columns are the group's.</summary>
    public readonly bool Has(int eight) => eight >= First && eight < End;
}
