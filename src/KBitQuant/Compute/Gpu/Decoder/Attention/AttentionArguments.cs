using ILGPU;
using KBitQuant.Compute.Gpu.Decoder.Rotary;
using KBitQuant.Compute.Gpu.Kernels.Platforms;

namespace KBitQuant.Compute.Gpu.Decoder.Attention;

/// <summary>The parameter of <see cref="AttentionKernel"/>.</summary>
internal struct AttentionArguments : IKernelArguments
{
    /// <summary>The most groups that divide the positions of a row group.</summary>
    public const int MaxSplits = 32;

    /// <summary>Heads, projections and the cache. Of one token alone the kernel turns the query and appends key and value itself; of
    /// several, <see cref="RotaryKernel"/> has.</summary>
    public RotaryArguments Heads;

    /// <summary>Receives halves, [tokens, heads, head size].</summary>
    public ArrayView<ushort> Outputs;

    /// <summary>What groups that divide positions leave: [row groups, splits, rows, head size + 2], the sums of a row, its largest
    /// score and its sum of weights.</summary>
    public ArrayView<float> Partials;

    /// <summary>How many groups of each row group have finished; zeros between launches.</summary>
    public ArrayView<int> Finished;

    /// <summary>Groups that divide the positions of a row group.</summary>
    public int Splits;

    /// <summary>Query heads that share a key and value head.</summary>
    public readonly int QueriesPerKey => Heads.HeadCount / Heads.KeyValueHeadCount;

    /// <summary>Query rows of a key and value head.</summary>
    public readonly int RowCount => Heads.Tokens * QueriesPerKey;

    /// <summary>Floats of a row in <see cref="Partials"/>.</summary>
    public static int PartialLength(int headSize) => headSize + 2;

    /// <summary>The token of a query row; rows past the last count as the last.</summary>
    public readonly int TokenOf(int row) => IntrinsicMath.Min(row, RowCount - 1) / QueriesPerKey;

    /// <summary>The query head of a row of a key and value head.</summary>
    public readonly int HeadOf(int head, int row) => (head * QueriesPerKey) + (IntrinsicMath.Min(row, RowCount - 1) % QueriesPerKey);

    /// <summary>Where a query row begins, in queries and outputs.</summary>
    public readonly long StartOf(int head, int row) => (((long)TokenOf(row) * Heads.HeadCount) + HeadOf(head, row)) * Heads.HeadSize;

    public readonly void Write(ref ArgumentWriter writer)
    {
        Heads.Write(ref writer);
        writer.Add(Outputs);
        writer.Add(Partials);
        writer.Add(Finished);
        writer.Add(Splits);
    }
}
