using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Benchmarking;

/// <summary>Fused multiply-adds on registers, of the widest vectors that kernels use.</summary>
internal sealed class MultiplyJob : ParallelJob
{
    public const int Parts = 16;
    private const int Steps = 200_000;
    private const int Accumulators = 10;
    private volatile float _sink;

    /// <summary>A vector, as a type: registers suffice for the accumulators only where it is the processor's own.</summary>
    private interface IVector<TVector>
    {
        static abstract TVector Create(float value);

        static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

        static abstract float Sum(TVector value);
    }

    /// <summary>Operations of all parts: a multiplication and an addition in each lane.</summary>
    public static double Flops => (double)Parts * Steps * Accumulators * 2 * (Avx512F.IsSupported ? Vector512<float>.Count : Vector256<float>.Count);

    public override void RunPart(int part) =>
        _sink = (Avx512F.IsSupported ? Run<Vector512<float>, Wide>() : Run<Vector256<float>, Narrow>()) + _sink;

    private static float Run<TVector, TOperations>()
        where TOperations : IVector<TVector>
    {
        TVector x = TOperations.Create(1.0000001f), y = TOperations.Create(1e-9f);
        TVector a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y;
        for (int step = 0; step < Steps; step++)
        {
            a = TOperations.MultiplyAdd(a, x, y);
            b = TOperations.MultiplyAdd(b, x, y);
            c = TOperations.MultiplyAdd(c, x, y);
            d = TOperations.MultiplyAdd(d, x, y);
            e = TOperations.MultiplyAdd(e, x, y);
            f = TOperations.MultiplyAdd(f, x, y);
            g = TOperations.MultiplyAdd(g, x, y);
            h = TOperations.MultiplyAdd(h, x, y);
            i = TOperations.MultiplyAdd(i, x, y);
            j = TOperations.MultiplyAdd(j, x, y);
        }

        return TOperations.Sum(a) + TOperations.Sum(b) + TOperations.Sum(c) + TOperations.Sum(d) + TOperations.Sum(e)
            + TOperations.Sum(f) + TOperations.Sum(g) + TOperations.Sum(h) + TOperations.Sum(i) + TOperations.Sum(j);
    }

    private readonly struct Wide : IVector<Vector512<float>>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Create(float value) => Vector512.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Sum(Vector512<float> value) => Vector512.Sum(value);
    }

    private readonly struct Narrow : IVector<Vector256<float>>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Create(float value) => Vector256.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Sum(Vector256<float> value) => Vector256.Sum(value);
    }
}
