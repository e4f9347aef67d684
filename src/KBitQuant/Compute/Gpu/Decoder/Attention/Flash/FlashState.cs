using ILGPU;
using KBitQuant.Compute.Gpu.Decoder.Panels;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.Flash;

/// <summary>The softmax of a warp's 16 query rows as it grows (online softmax, arXiv 1805.02867). Of pairs, X is of the lane's upper
/// row, Y of the lower one.</summary>
internal struct FlashState
{
    /// <summary>Weights times values, of elements 0 to 63 of the head.</summary>
    public TensorSums Low;

    /// <summary>Of elements 64 to 127.</summary>
    public TensorSums High;

    /// <summary>The largest score so far, times log2(e).</summary>
    public Floats2 Largest;

    /// <summary>The sums of weights, of the lane's columns alone.</summary>
    public Floats2 Totals;

    /// <summary>Before any position.</summary>
    public static FlashState Empty => new() { Largest = new() { X = AttentionResult.Masked, Y = AttentionResult.Masked } };

    /// <summary>With 64 positions more, of which each row sees at least one, or has seen one.</summary>
    /// <param name="scores">Their scores.</param>
    /// <param name="values">Where the lane reads the panel of their values, a row for each position.</param>
    /// <param name="panelBytes">From there to that of elements 64 to 127.</param>
    /// <typeparam name="TIsWide">Whether heads have more than 64 elements.</typeparam>
    public readonly FlashState With<TIsWide>(TensorSums scores, uint values, uint panelBytes)
        where TIsWide : struct, IFlag
    {
        Floats2 ofTile = scores.Largest();
        FlashState next = this;
        next.Largest = new() { X = LargestOfQuad(Largest.X, ofTile.X * IGpuPlatform.Log2OfE), Y = LargestOfQuad(Largest.Y, ofTile.Y * IGpuPlatform.Log2OfE) };
        var scale = new Floats2 { X = PtxBits.ExpOf2(Largest.X - next.Largest.X), Y = PtxBits.ExpOf2(Largest.Y - next.Largest.Y) };
        TensorSums weights = scores.Exp(IGpuPlatform.Log2OfE, next.Largest);
        Floats2 total = weights.Total();
        next.Totals = new() { X = (Totals.X * scale.X) + total.X, Y = (Totals.Y * scale.Y) + total.Y };
        next.Low = AddValues(Low.Times(scale), weights, values);
        if (default(TIsWide).IsSet)
            next.High = AddValues(High.Times(scale), weights, values + panelBytes);
        return next;
    }

    /// <summary>What the sums are multiplied with in the end.</summary>
    public readonly Floats2 Factors() => new() { X = 1 / TotalOfQuad(Totals.X), Y = 1 / TotalOfQuad(Totals.Y) };

    private static TensorSums AddValues(TensorSums sums, TensorSums weights, uint values) => sums
        .PlusProduct<HalfTensorElement>(weights.Operand0, TensorColumns.LoadTransposed(values))
        .PlusProduct<HalfTensorElement>(weights.Operand1, TensorColumns.LoadTransposed(values + TensorPanel.Rows16))
        .PlusProduct<HalfTensorElement>(weights.Operand2, TensorColumns.LoadTransposed(values + (2 * TensorPanel.Rows16)))
        .PlusProduct<HalfTensorElement>(weights.Operand3, TensorColumns.LoadTransposed(values + (3 * TensorPanel.Rows16)));

    private static float LargestOfQuad(float before, float value)
    {
        value = IntrinsicMath.Max(value, PtxBits.ExchangeLanes(value, 1));
        value = IntrinsicMath.Max(value, PtxBits.ExchangeLanes(value, 2));
        return IntrinsicMath.Max(before, value);
    }

    private static float TotalOfQuad(float value)
    {
        value += PtxBits.ExchangeLanes(value, 1);
        return value + PtxBits.ExchangeLanes(value, 2);
    }
}
