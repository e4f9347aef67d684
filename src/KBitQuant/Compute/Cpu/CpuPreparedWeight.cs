using System.Buffers;
using System.Runtime.InteropServices;
using KBitQuant.Numerics;

namespace KBitQuant.Compute.Cpu;

/// <summary>A weight for a kernel that computes in float: 16-bit inputs are widened before and outputs rounded after.</summary>
internal abstract class CpuPreparedWeight(int rows, int columns, string kernelName) : PreparedWeight(rows, columns, kernelName)
{
    protected override void MatMulCore<T>(ReadOnlySpan<T> x, int m, Span<T> y, ReadOnlySpan<float> bias)
    {
        if (typeof(T) == typeof(float))
        {
            MatMul(MemoryMarshal.Cast<T, float>(x), m, MemoryMarshal.Cast<T, float>(y), bias);
            return;
        }

        // Together they may be longer than an array can be.
        float[] inputs = ArrayPool<float>.Shared.Rent(x.Length);
        float[] outputs = ArrayPool<float>.Shared.Rent(y.Length);
        Span<float> wideX = inputs.AsSpan(0, x.Length);
        Span<float> wideY = outputs.AsSpan(0, y.Length);
        Elements.ToSingle(x, wideX);
        MatMul(wideX, m, wideY, bias);
        Elements.FromSingle<T>(wideY, y);
        ArrayPool<float>.Shared.Return(inputs);
        ArrayPool<float>.Shared.Return(outputs);
    }

    /// <summary>The product in float; y is not empty, a bias of length 0 stands for zeros.</summary>
    protected abstract void MatMul(ReadOnlySpan<float> x, int m, Span<float> y, ReadOnlySpan<float> bias);
}
