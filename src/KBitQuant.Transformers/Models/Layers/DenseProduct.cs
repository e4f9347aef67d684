using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>y = x W^T in float on one thread, for operands that lie strided in larger buffers.</summary>
/// <remarks>Tiles of 4 rows of x by 2 rows of W: 8 sums in registers, 6 loads for 8 multiply-adds. Compiled with full
/// optimization at once: the first tier, without registers for the sums, would dominate short runs.</remarks>
internal static unsafe class DenseProduct
{
    private const int TileRows = 4;
    private const int TileColumns = 2;

    /// <summary>A row-major matrix: where it begins, and how far apart its rows are.</summary>
    public readonly record struct Matrix(nint Start, int Stride)
    {
        public Matrix(float* start, int stride)
            : this((nint)start, stride)
        {
        }

        public float* Row(int row) => (float*)Start + ((nint)row * Stride);
    }

    /// <summary>Multiplies [m, k] by [n, k] transposed to [m, n]. W should fit the caches; x is read once.</summary>
    public static void Multiply(Matrix x, int m, Matrix w, int n, int k, Matrix y)
    {
        int i = 0;
        for (; i <= m - TileRows; i += TileRows)
        {
            int j = 0;
            for (; j <= n - TileColumns; j += TileColumns)
                MultiplyTile(x, i, w, j, k, y);
            if (j < n)
                MultiplyOneByOne(x, i, i + TileRows, w, j, n, k, y);
        }

        MultiplyOneByOne(x, i, m, w, 0, n, k, y);
    }

    private static void MultiplyOneByOne(
        Matrix x, int firstRow, int rowEnd, Matrix w, int firstColumn, int columnEnd, int k, Matrix y)
    {
        for (int i = firstRow; i < rowEnd; i++)
        {
            var row = new ReadOnlySpan<float>(x.Row(i), k);
            for (int j = firstColumn; j < columnEnd; j++)
                y.Row(i)[j] = TensorPrimitives.Dot(row, new ReadOnlySpan<float>(w.Row(j), k));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyTile(Matrix x, int i, Matrix w, int j, int k, Matrix y)
    {
        float* x0 = x.Row(i), x1 = x.Row(i + 1), x2 = x.Row(i + 2), x3 = x.Row(i + 3);
        float* w0 = w.Row(j), w1 = w.Row(j + 1);
        Vector<float> s00 = default, s01 = default, s10 = default, s11 = default;
        Vector<float> s20 = default, s21 = default, s30 = default, s31 = default;
        int p = 0;
        for (; p <= k - Vector<float>.Count; p += Vector<float>.Count)
        {
            Vector<float> v0 = Vector.Load(w0 + p), v1 = Vector.Load(w1 + p);
            Vector<float> u = Vector.Load(x0 + p);
            s00 = Vector.MultiplyAddEstimate(u, v0, s00);
            s01 = Vector.MultiplyAddEstimate(u, v1, s01);
            u = Vector.Load(x1 + p);
            s10 = Vector.MultiplyAddEstimate(u, v0, s10);
            s11 = Vector.MultiplyAddEstimate(u, v1, s11);
            u = Vector.Load(x2 + p);
            s20 = Vector.MultiplyAddEstimate(u, v0, s20);
            s21 = Vector.MultiplyAddEstimate(u, v1, s21);
            u = Vector.Load(x3 + p);
            s30 = Vector.MultiplyAddEstimate(u, v0, s30);
            s31 = Vector.MultiplyAddEstimate(u, v1, s31);
        }

        Store(y.Row(i) + j, Vector.Sum(s00), Vector.Sum(s01), x0, w0, w1, p, k);
        Store(y.Row(i + 1) + j, Vector.Sum(s10), Vector.Sum(s11), x1, w0, w1, p, k);
        Store(y.Row(i + 2) + j, Vector.Sum(s20), Vector.Sum(s21), x2, w0, w1, p, k);
        Store(y.Row(i + 3) + j, Vector.Sum(s30), Vector.Sum(s31), x3, w0, w1, p, k);
    }

    /// <summary>Adds the products from p on, which fill no vector, and stores one row of the tile.</summary>
    private static void Store(float* y, float sum0, float sum1, float* x, float* w0, float* w1, int p, int k)
    {
        for (; p < k; p++)
        {
            sum0 += x[p] * w0[p];
            sum1 += x[p] * w1[p];
        }

        y[0] = sum0;
        y[1] = sum1;
    }
}
