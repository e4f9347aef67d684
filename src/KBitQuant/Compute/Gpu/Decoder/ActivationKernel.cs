using System.Diagnostics.CodeAnalysis;
using ILGPU;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>activation(up), or activation(gate) * up, where there is a gate. A thread takes elements of a row in turn.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class ActivationKernel
{
    /// <summary>Columns of a group.</summary>
    public const int GroupColumns = 256;

    private const int GroupSize = 256;

    public static PlatformKernel<Arguments> Kernel { get; } = new(Run<PortablePlatform>, Run<CudaPlatform>, GroupSize);

    private static void Run<TPlatform>(Arguments arguments)
        where TPlatform : struct, IGpuPlatform
    {
        TPlatform platform = default;
        platform.Begin();
        int chunks = ((arguments.Columns - 1) / GroupColumns) + 1;
        int row = Grid.IdxX / chunks;
        int first = Grid.IdxX % chunks * GroupColumns;
        int end = IntrinsicMath.Min(first + GroupColumns, arguments.Columns);
        for (int i = first + Group.IdxX; i < end; i += Group.DimX)
        {
            float up = platform.Widen(arguments.Up[((long)row * arguments.UpStride) + i]);
            float x = up;
            if (arguments.HasGate != 0)
                x = platform.Widen(arguments.Gate[((long)row * arguments.GateStride) + i]);
            float value = Activate<TPlatform>(x, arguments.Kind);
            arguments.Y[((long)row * arguments.Columns) + i] = platform.Round(arguments.HasGate == 0 ? value : value * up);
        }
    }

    private static float Activate<TPlatform>(float x, int kind)
        where TPlatform : struct, IGpuPlatform
    {
        if (kind == (int)ActivationKind.Silu)
            return x * Sigmoid<TPlatform>(x);
        // sqrt(2 / pi) (x + 0.044715 x^3), twice: 0.5 (1 + tanh u) is sigmoid(2u).
        const float TwiceRoot = 1.5957691216057308f;
        if (kind == (int)ActivationKind.GeluByTanh)
            return x * Sigmoid<TPlatform>(x * TwiceRoot * ((x * x * 0.044715f) + 1));
        return Gelu<TPlatform>(x);
    }

    private static float Sigmoid<TPlatform>(float x)
        where TPlatform : struct, IGpuPlatform => 1 / (1 + default(TPlatform).Exp(-x));

    /// <summary>With q = 1 - erf(|x| / sqrt 2): x - 0.5 x q on the right, 0.5 x q on the left, which does not cancel. q by formula
    /// 7.1.26 of Abramowitz and Stegun, within 1.5e-7.</summary>
    private static float Gelu<TPlatform>(float x)
        where TPlatform : struct, IGpuPlatform
    {
        const float RootOfHalf = 0.70710678118654752f;
        float z = IntrinsicMath.Abs(x) * RootOfHalf;
        float t = 1 / ((z * 0.3275911f) + 1);
        float q = 1.061405429f;
        q = (q * t) - 1.453152027f;
        q = (q * t) + 1.421413741f;
        q = (q * t) - 0.284496736f;
        q = (q * t) + 0.254829592f;
        float half = x * 0.5f * q * t * default(TPlatform).Exp(-(z * z));
        return x > 0 ? x - half : half;
    }

    /// <summary>The kernel's parameter.</summary>
    internal struct Arguments : IKernelArguments
    {
        /// <summary>Halves, [rows, <see cref="UpStride"/>].</summary>
        public ArrayView<ushort> Up;

        /// <summary>Halves, [rows, <see cref="GateStride"/>], where <see cref="HasGate"/> is 1.</summary>
        public ArrayView<ushort> Gate;

        /// <summary>Receives halves, [rows, columns]; may be <see cref="Up"/>.</summary>
        public ArrayView<ushort> Y;

        public int Columns;
        public int UpStride;
        public int GateStride;

        /// <summary>0 or 1.</summary>
        public int HasGate;

        /// <summary>An <see cref="ActivationKind"/>.</summary>
        public int Kind;

        public readonly void Write(ref ArgumentWriter writer)
        {
            writer.Add(Up);
            writer.Add(Gate);
            writer.Add(Y);
            writer.Add(Columns);
            writer.Add(UpStride);
            writer.Add(GateStride);
            writer.Add(HasGate);
            writer.Add(Kind);
        }
    }
}
