using ILGPU;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>The parameter of <see cref="AttentionKernel"/>.</summary>
internal struct AttentionArguments : IKernelArguments
{
    /// <summary>The pass (<see cref="StepLayout"/>).</summary>
    public ArrayView<int> Step;

    /// <summary>Turned and scaled, [tokens, heads, head size].</summary>
    public ArrayView<float> Queries;

    /// <summary>The cache's keys, halves, [key and value heads, head size, capacity].</summary>
    public ArrayView<ushort> Keys;

    /// <summary>The cache's values, halves, [key and value heads, capacity, head size].</summary>
    public ArrayView<ushort> Values;

    /// <summary>Receives halves, [tokens, heads, head size].</summary>
    public ArrayView<ushort> Outputs;

    /// <summary>What groups that divide positions leave: [row groups, splits, rows, head size + 2], the sums of a row, its largest
    /// score and its sum of weights.</summary>
    public ArrayView<float> Partials;

    /// <summary>How many groups of each row group have finished; zeros between launches.</summary>
    public ArrayView<int> Finished;

    /// <summary>Tokens of the pass.</summary>
    public int Tokens;

    public int HeadCount;
    public int KeyValueHeadCount;
    public int HeadSize;

    /// <summary>Positions of the cache.</summary>
    public int Capacity;

    /// <summary>Groups that divide the positions of a row group.</summary>
    public int Splits;

    /// <summary>Floats of a row in <see cref="Partials"/>.</summary>
    public static int PartialLength(int headSize) => headSize + 2;

    /// <summary>The token of a query row; rows past the last count as the last token's.</summary>
    public readonly int TokenOf(int row) => IntrinsicMath.Min(row / (HeadCount / KeyValueHeadCount), Tokens - 1);

    /// <summary>Where a query row begins, in queries and outputs; rows past the last count as the last.</summary>
    public readonly long StartOf(int head, int row)
    {
        int queriesPerKey = HeadCount / KeyValueHeadCount;
        int existing = IntrinsicMath.Min(row, (Tokens * queriesPerKey) - 1);
        return (((long)(existing / queriesPerKey) * HeadCount) + (head * queriesPerKey) + (existing % queriesPerKey)) * HeadSize;
    }

    public readonly void Write(ref ArgumentWriter writer)
    {
        writer.Add(Step);
        writer.Add(Queries);
        writer.Add(Keys);
        writer.Add(Values);
        writer.Add(Outputs);
        writer.Add(Partials);
        writer.Add(Finished);
        writer.Add(Tokens);
        writer.Add(HeadCount);
        writer.Add(KeyValueHeadCount);
        writer.Add(HeadSize);
        writer.Add(Capacity);
        writer.Add(Splits);
    }
}
