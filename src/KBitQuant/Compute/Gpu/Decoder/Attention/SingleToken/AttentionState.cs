using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>A warp's part of the softmax of eight query rows as it grows (online softmax, arXiv 1805.02867): with t = lane % 4, of pairs X is of row 2t, Y of row 2t + 1.</summary>
internal struct AttentionState
{
    /// <summary>Elements 0 to 63 of the sums.</summary>
    public AttentionSums Low;

    /// <summary>Elements 64 to 127.</summary>
    public AttentionSums High;

    /// <summary>The largest scores so far, times log2(e).</summary>
    public Floats2 Largest;

    /// <summary>The sums of the lane's own weights.</summary>
    public Floats2 Totals;

    /// <summary>Before any position.</summary>
    public static AttentionState Empty => new() { Largest = new() { X = AttentionResult.Masked, Y = AttentionResult.Masked } };

    /// <summary>Of the first 32 positions of the warp, at least one of which is there.</summary>
    public static AttentionState Of(AttentionScores scores, AttentionTile values)
    {
        Floats2 largest = scores.Largest;
        return default(AttentionState).PlusWeights(scores.Exp(largest), values, largest);
    }

    /// <summary>With 32 positions more, at least one of which is there.</summary>
    public readonly AttentionState With(AttentionScores scores, AttentionTile values)
    {
        Floats2 largest = Larger(scores.Largest);
        return Scaled(largest).PlusWeights(scores.Exp(largest), values, largest);
    }

    /// <summary>With one position more.</summary>
    /// <param name="scores">Its scores.</param>
    /// <param name="low">The lane's eight elements of its value.</param>
    /// <param name="high">Those 64 elements on.</param>
    /// <param name="lane">The lane.</param>
    public readonly AttentionState WithToken(Floats2 scores, Words4 low, Words4 high, int lane)
    {
        Floats2 largest = Larger(scores);
        AttentionState scaled = Scaled(largest);
        var weights = new Floats2 { X = PtxBits.ExpOf2(scores.X - largest.X), Y = PtxBits.ExpOf2(scores.Y - largest.Y) };
        // Once for all lanes that have the rows.
        float isCounted = lane < 4 ? 1f : 0f;
        return new()
        {
            Low = scaled.Low.PlusProduct(low, weights),
            High = scaled.High.PlusProduct(high, weights),
            Largest = largest,
            Totals = new() { X = scaled.Totals.X + (weights.X * isCounted), Y = scaled.Totals.Y + (weights.Y * isCounted) },
        };
    }

    /// <summary>Leaves the warp's sums, and of each row its largest score and its sum of weights, in shared memory.</summary>
    /// <param name="sums">Where the warp's sums go: <see cref="AttentionSums.RowBytes"/> a row.</param>
    /// <param name="totals">Where the other two go: 8 bytes a row.</param>
    /// <param name="lane">The lane.</param>
    public readonly void Store(uint sums, uint totals, int lane)
    {
        Low.Store(sums, lane);
        High.Store(sums + AttentionSums.HalfBytes, lane);
        float first = TotalOfRow(Totals.X);
        float second = TotalOfRow(Totals.Y);
        if (lane < 4)
            PtxMemory.StoreSharedFloats4(totals + (uint)(lane * 16), new() { X = Largest.X, Y = first, Z = Largest.Y, W = second });
    }

    private readonly Floats2 Larger(Floats2 scores) => new() { X = IntrinsicMath.Max(Largest.X, scores.X), Y = IntrinsicMath.Max(Largest.Y, scores.Y) };

    private readonly AttentionState Scaled(Floats2 largest)
    {
        var scales = new Floats2 { X = PtxBits.ExpOf2(Largest.X - largest.X), Y = PtxBits.ExpOf2(Largest.Y - largest.Y) };
        return new()
        {
            Low = Low.Times(scales),
            High = High.Times(scales),
            Largest = largest,
            Totals = new() { X = Totals.X * scales.X, Y = Totals.Y * scales.Y },
        };
    }

    private readonly AttentionState PlusWeights(AttentionScores weights, AttentionTile values, Floats2 largest)
    {
        Words2 first = weights.FirstOperand;
        Words2 second = weights.SecondOperand;
        Floats2 totals = weights.Totals;
        return new()
        {
            Low = Low.PlusProducts(values.First, first).PlusProducts(values.Third, second),
            High = High.PlusProducts(values.Second, first).PlusProducts(values.Fourth, second),
            Largest = largest,
            Totals = new() { X = Totals.X + totals.X, Y = Totals.Y + totals.Y },
        };
    }

    private static float TotalOfRow(float value)
    {
        value += PtxBits.ExchangeLanes(value, 4);
        value += PtxBits.ExchangeLanes(value, 8);
        return value + PtxBits.ExchangeLanes(value, 16);
    }
}
