using KBitQuant.Numerics;
using KBitQuant.Threading;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>A linear layer whose weight is left as it is.</summary>
internal abstract class DenseLinear(int rows, int columns) : Linear(rows, columns)
{
    /// <summary>Keeps a weight in the narrowest of Half, BFloat16 and float that holds every value exactly.</summary>
    public static DenseLinear Create(Workers workers, float[] weight, int rows, int columns, float[] bias)
    {
        if (NarrowestElement.TryNarrow(weight, out Half[] halves))
            return new DenseLinear<Half, DenseHalf>(workers, halves, rows, columns, bias);
        if (NarrowestElement.TryNarrow(weight, out BFloat16[] brains))
            return new DenseLinear<BFloat16, DenseBFloat16>(workers, brains, rows, columns, bias);
        return new DenseLinear<float, DenseSingle>(workers, weight, rows, columns, bias);
    }

    /// <summary>Reads one row of the weight, as an embedding does.</summary>
    public abstract void ReadRow(int row, Span<float> destination);
}

/// <summary>A dense layer in one element type.</summary>
/// <typeparam name="T">The element.</typeparam>
/// <typeparam name="TElement">How it is widened.</typeparam>
internal sealed unsafe class DenseLinear<T, TElement> : DenseLinear
    where T : unmanaged
    where TElement : IDenseElement<T>
{
    private readonly Workers _workers;
    private readonly DensePanels<T> _panels;
    private readonly float[] _bias;

    public DenseLinear(Workers workers, T[] weight, int rows, int columns, float[] bias)
        : base(rows, columns)
    {
        _workers = workers;
        _bias = bias;
        _panels = new DensePanels<T>(workers, weight, rows, columns);
    }

    public override long ByteLength => _panels.ByteLength;

    public override void ReadRow(int row, Span<float> destination) => _panels.ReadRow(row, destination);

    public override void Apply(ReadOnlySpan<float> x, int m, Span<float> y)
    {
        fixed (float* xPointer = x)
        fixed (float* yPointer = y)
        fixed (float* bias = _bias)
        {
            if (m == 1)
                DenseGemvJob<T, TElement>.Run(_workers, _panels, xPointer, yPointer, bias);
            else
                DenseGemmJob<T>.Run(_workers, _panels, xPointer, m, yPointer, bias);
        }
    }

    public override void Dispose()
    {
        _panels.Free();
        base.Dispose();
    }
}
