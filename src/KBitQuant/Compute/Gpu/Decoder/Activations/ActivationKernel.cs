using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;

namespace KBitQuant.Compute.Gpu.Decoder.Activations;

/// <summary>activation(up), or activation(gate) * up, where there is a gate. A thread takes elements of a row in turn.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class ActivationKernel
{
    /// <summary>Columns of a group.</summary>
    public const int GroupColumns = 256;

    private const int GroupSize = 256;

    public static PlatformKernel<Arguments> Kernel { get; } = new("activation", Run<PortablePlatform>, Run<CudaPlatform>, GroupSize);

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
            float up = platform.Widen(arguments.Up[((long)row * arguments.Stride) + (i * arguments.Step)]);
            float x = up;
            if (arguments.HasGate != 0)
                x = platform.Widen(arguments.Gate[((long)row * arguments.Stride) + (i * arguments.Step)]);
            float value = ActivationFormula.Of<TPlatform>(x, arguments.Kind);
            arguments.Y[((long)row * arguments.Columns) + i] = platform.Round(arguments.HasGate == 0 ? value : value * up);
        }
    }

    /// <summary>The kernel's parameter.</summary>
    internal struct Arguments : IKernelArguments
    {
        /// <summary>Halves, <see cref="Stride"/> from row to row and <see cref="Step"/> from column to column.</summary>
        public ArrayView<ushort> Up;

        /// <summary>Likewise, where <see cref="HasGate"/> is 1.</summary>
        public ArrayView<ushort> Gate;

        /// <summary>Receives halves, [rows, columns]; may be <see cref="Up"/>.</summary>
        public ArrayView<ushort> Y;

        public int Columns;
        public int Stride;
        public int Step;

        /// <summary>0 or 1.</summary>
        public int HasGate;

        /// <summary>An <see cref="ActivationKind"/>.</summary>
        public int Kind;

        public readonly void Write(ref ArgumentWriter writer)
        {
            writer.Add(Up, Gate, Y);
            writer.Add(Columns, Stride, Step, HasGate, Kind);
        }
    }
}
