using System.Buffers;
using System.Numerics.Tensors;
using KBitQuant.Numerics;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>A linear layer whose weight is left as it is. Rows are widened to float a few at a time, into the cache.</summary>
internal abstract class DenseLinear(int rows, int columns) : Linear(rows, columns)
{
    /// <summary>Keeps a weight in the narrowest of Half, BFloat16 and float that holds every value exactly.</summary>
    public static DenseLinear Create(float[] weight, int rows, int columns, float[] bias)
    {
        if (TryNarrow(weight, out Half[] halves))
            return new DenseLinear<Half>(halves, rows, columns, bias);
        if (TryNarrow(weight, out BFloat16[] brains))
            return new DenseLinear<BFloat16>(brains, rows, columns, bias);
        return new DenseLinear<float>(weight, rows, columns, bias);
    }

    /// <summary>Reads one row of the weight, as an embedding does.</summary>
    public abstract void ReadRow(int row, Span<float> destination);

    private static bool TryNarrow<T>(float[] values, out T[] narrow)
        where T : unmanaged
    {
        const int Chunk = 1024;
        narrow = new T[values.Length];
        Span<float> widened = stackalloc float[Chunk];
        for (int start = 0; start < values.Length; start += Chunk)
        {
            int length = Math.Min(Chunk, values.Length - start);
            ReadOnlySpan<float> source = values.AsSpan(start, length);
            Elements.FromSingle(source, narrow.AsSpan(start, length));
            Elements.ToSingle<T>(narrow.AsSpan(start, length), widened);
            if (!source.SequenceEqual(widened[..length]))
                return false;
        }

        return true;
    }
}

/// <summary>A dense layer in one element type.</summary>
internal sealed unsafe class DenseLinear<T>(T[] weight, int rows, int columns, float[] bias) : DenseLinear(rows, columns)
    where T : unmanaged
{
    /// <summary>Weights in one part of the work: as floats, half of a common second-level cache of 512 KiB or less.</summary>
    private const int WeightsPerPart = 1 << 15;

    /// <summary>Multiply-adds that are worth another thread: some 10 microseconds.</summary>
    private const long WorkPerThread = 1 << 18;

    public override void ReadRow(int row, Span<float> destination) =>
        Elements.ToSingle<T>(weight.AsSpan(row * Columns, Columns), destination);

    public override void Apply(ReadOnlySpan<float> x, int m, Span<float> y)
    {
        int rowsPerPart = Math.Clamp(WeightsPerPart / Columns, 1, Rows);
        int parts = (Rows + rowsPerPart - 1) / rowsPerPart;
        fixed (float* xStart = x)
        fixed (float* yStart = y)
        {
            var input = new DenseProduct.Matrix(xStart, Columns);
            var output = new DenseProduct.Matrix(yStart, Rows);
            long work = (long)m * Rows * Columns;
            ParallelWork.For(parts, work / WorkPerThread, part => ApplyPart(input, m, output, part * rowsPerPart, rowsPerPart));
        }
    }

    private void ApplyPart(DenseProduct.Matrix x, int m, DenseProduct.Matrix y, int firstRow, int rowsPerPart)
    {
        int count = Math.Min(rowsPerPart, Rows - firstRow);
        float[] buffer = ArrayPool<float>.Shared.Rent(count * Columns);
        Elements.ToSingle<T>(weight.AsSpan(firstRow * Columns, count * Columns), buffer);
        fixed (float* rows = buffer)
            DenseProduct.Multiply(x, m, new(rows, Columns), count, Columns, new(y.Row(0) + firstRow, Rows));
        ArrayPool<float>.Shared.Return(buffer);
        if (bias.Length == 0)
            return;
        for (int i = 0; i < m; i++)
        {
            var outputs = new Span<float>(y.Row(i) + firstRow, count);
            TensorPrimitives.Add(outputs, bias.AsSpan(firstRow, count), outputs);
        }
    }
}
