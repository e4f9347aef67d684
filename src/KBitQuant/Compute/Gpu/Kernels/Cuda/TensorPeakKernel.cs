using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Products of the tensor cores on registers alone: the ceiling of kernels that multiply with mma.sync.</summary>
internal static class TensorPeakKernel<TElement>
    where TElement : struct, ITensorElement
{
    public static void Run(TensorPeakArguments arguments)
    {
        TElement element = default;
        Words4 a = new() { X = Value(1), Y = Value(2), Z = Value(3), W = Value(4) };
        Words2 b0 = new() { X = Value(5), Y = Value(6) }, b1 = new() { X = Value(7), Y = Value(8) };
        Floats4 s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        for (int step = 0; step < arguments.Steps; step++)
        {
            s0 = element.Multiply(a, b0, s0);
            s1 = element.Multiply(a, b1, s1);
            s2 = element.Multiply(a, b0, s2);
            s3 = element.Multiply(a, b1, s3);
            s4 = element.Multiply(a, b0, s4);
            s5 = element.Multiply(a, b1, s5);
            s6 = element.Multiply(a, b0, s6);
            s7 = element.Multiply(a, b1, s7);
        }

        float sum = Sum(s0) + Sum(s1) + Sum(s2) + Sum(s3) + Sum(s4) + Sum(s5) + Sum(s6) + Sum(s7);
        // Never so, but no compiler knows.
        if (sum == 0.123f && arguments.Steps == 1)
            PtxMemory.StoreShort(arguments.Address, 1);
    }

    /// <summary>Two elements of random signs and mantissas, near 1 in Half and near 1/8 in BFloat16: real data draws power.</summary>
    private static uint Value(uint seed)
    {
        uint hash = ((uint)Group.IdxX + (seed * 977)) * 2654435761;
        return ((hash ^ (hash >> 15)) & 0x807F_807F) | 0x3E00_3E00;
    }

    private static float Sum(Floats4 sums) => sums.X + sums.Y + sums.Z + sums.W;
}
