using System.Diagnostics.CodeAnalysis;
using ILGPU;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>
/// Adds what sublayers left to the residual stream and normalizes it: RMSNorm (arXiv 1910.07467) or LayerNorm (arXiv 1607.06450). A
/// group for each row; its threads take the columns in turn, and their sums are added in a fixed order.
/// </summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class NormKernel
{
    private const int GroupSize = 512;

    public static PlatformKernel<Arguments> Kernel { get; } = new(Run<PortablePlatform>, Run<CudaPlatform>, GroupSize);

    private static void Run<TPlatform>(Arguments arguments)
        where TPlatform : struct, IGpuPlatform
    {
        TPlatform platform = default;
        platform.Begin();
        int columns = arguments.Columns;
        long input = (long)(arguments.FirstRow + Grid.IdxX) * columns;
        long output = (long)Grid.IdxX * columns;
        float sum = 0;
        for (int i = Group.IdxX; i < columns; i += Group.DimX)
        {
            float value = arguments.Residual[input + i];
            if (arguments.DeltaCount > 0)
                value += platform.Widen(arguments.Delta0[input + i]);
            if (arguments.DeltaCount > 1)
                value += platform.Widen(arguments.Delta1[input + i]);
            // Every thread reads what it writes alone.
            if (arguments.DeltaCount > 0)
                arguments.Residual[input + i] = value;
            sum += arguments.IsCentered == 0 ? value * value : value;
        }

        sum = GroupSum.Of(sum);
        float mean = 0;
        float squares = sum;
        if (arguments.IsCentered != 0)
        {
            mean = sum / columns;
            squares = 0;
            for (int i = Group.IdxX; i < columns; i += Group.DimX)
            {
                float deviation = arguments.Residual[input + i] - mean;
                squares += deviation * deviation;
            }

            squares = GroupSum.Of(squares);
        }

        float scale = 1 / MathF.Sqrt((squares / columns) + arguments.Epsilon);
        for (int i = Group.IdxX; i < columns; i += Group.DimX)
        {
            float value = (arguments.Residual[input + i] - mean) * scale * arguments.Weight[i];
            arguments.Y[output + i] = platform.Round(arguments.IsCentered == 0 ? value : value + arguments.Bias[i]);
        }
    }

    /// <summary>The kernel's parameter.</summary>
    internal struct Arguments : IKernelArguments
    {
        /// <summary>The residual stream, [tokens, columns].</summary>
        public ArrayView<float> Residual;

        /// <summary>What is added to it first, halves of the same shape, where <see cref="DeltaCount"/> is 1 or 2.</summary>
        public ArrayView<ushort> Delta0;

        /// <summary>What is added next, where <see cref="DeltaCount"/> is 2.</summary>
        public ArrayView<ushort> Delta1;

        /// <summary>The scale of each column.</summary>
        public ArrayView<float> Weight;

        /// <summary>What is added to each column, where <see cref="IsCentered"/> is 1.</summary>
        public ArrayView<float> Bias;

        /// <summary>Receives the normalized rows, halves, from row 0 on.</summary>
        public ArrayView<ushort> Y;

        /// <summary>The first row of the stream.</summary>
        public int FirstRow;

        public int Columns;

        /// <summary>0 to 2.</summary>
        public int DeltaCount;

        /// <summary>1 for LayerNorm, 0 for RMSNorm.</summary>
        public int IsCentered;

        /// <summary>What is added to the variance or mean square.</summary>
        public float Epsilon;

        public readonly void Write(ref ArgumentWriter writer)
        {
            writer.Add(Residual);
            writer.Add(Delta0);
            writer.Add(Delta1);
            writer.Add(Weight);
            writer.Add(Bias);
            writer.Add(Y);
            writer.Add(FirstRow);
            writer.Add(Columns);
            writer.Add(DeltaCount);
            writer.Add(IsCentered);
            writer.Add(Epsilon);
        }
    }
}
