using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Norms;

/// <summary><see cref="NormKernel"/> on GPUs of NVIDIA, RMSNorm of many rows: a group for each, whose threads take 8 columns in turn. The
/// stream is read again after the sum, while it is near.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class RmsNormKernel
{
    /// <summary>Columns that a thread takes together.</summary>
    public const int Unit = 8;

    private const int GroupSize = 256;

    public static CudaKernel<Arguments> Kernel { get; } = new("cuda-rms-norm", Run, GroupSize);

    private static void Run(Arguments arguments)
    {
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        int columns = arguments.Columns;
        long start = (long)(arguments.FirstRow + Grid.IdxX) * columns;
        long residual = arguments.Residual + (start * sizeof(float));
        float squares = 0;
        for (int i = Group.IdxX * Unit; i < columns; i += GroupSize * Unit)
        {
            long at = residual + (i * (long)sizeof(float));
            Floats4 low = PtxMemory.LoadFloats4(at);
            Floats4 high = PtxMemory.LoadFloats4(at + 16);
            if (arguments.DeltaCount > 0)
            {
                Words4 first = PtxMemory.LoadIf4(arguments.Delta0 + ((start + i) * sizeof(ushort)), 1);
                Words4 second = PtxMemory.LoadIf4(arguments.Delta1 + ((start + i) * sizeof(ushort)), arguments.DeltaCount > 1 ? 1u : 0u);
                low = Sum(Sum(low, first.Low), second.Low);
                high = Sum(Sum(high, first.High), second.High);
                PtxMemory.StoreFloats4(at, low);
                PtxMemory.StoreFloats4(at + 16, high);
            }

            squares += Squares(low) + Squares(high);
        }

        squares = GroupSum.Of<CudaPlatform>(squares);
        float scale = 1 / MathF.Sqrt((squares / columns) + arguments.Epsilon);
        long y = arguments.Y + ((long)Grid.IdxX * columns * sizeof(ushort));
        for (int i = Group.IdxX * Unit; i < columns; i += GroupSize * Unit)
        {
            Words2 low = Normalize(residual, arguments.Weight, i, scale);
            Words2 high = Normalize(residual, arguments.Weight, i + (Unit / 2), scale);
            PtxMemory.Store4(y + (i * (long)sizeof(ushort)), new() { X = low.X, Y = low.Y, Z = high.X, W = high.Y });
        }
    }

    private static Floats4 Sum(Floats4 values, Words2 halves)
    {
        Floats2 low = PtxBits.WidenHalves(halves.X);
        Floats2 high = PtxBits.WidenHalves(halves.Y);
        return new() { X = values.X + low.X, Y = values.Y + low.Y, Z = values.Z + high.X, W = values.W + high.Y };
    }

    private static float Squares(Floats4 values) => (values.X * values.X) + (values.Y * values.Y) + (values.Z * values.Z) + (values.W * values.W);

    private static Words2 Normalize(long residual, long weight, int i, float scale)
    {
        Floats4 values = PtxMemory.LoadFloats4(residual + (i * (long)sizeof(float)));
        Floats4 factors = PtxMemory.LoadFloats4(weight + (i * (long)sizeof(float)));
        return new()
        {
            X = PtxBits.RoundToHalves(values.X * scale * factors.X, values.Y * scale * factors.Y),
            Y = PtxBits.RoundToHalves(values.Z * scale * factors.Z, values.W * scale * factors.W),
        };
    }

    /// <summary>The kernel's parameter: addresses and shapes, as in <see cref="NormKernel.Arguments"/>.</summary>
    internal struct Arguments
    {
        public long Residual;
        public long Delta0;
        public long Delta1;
        public long Weight;
        public long Y;
        public int FirstRow;

        /// <summary>A multiple of <see cref="Unit"/>.</summary>
        public int Columns;

        public int DeltaCount;
        public float Epsilon;
    }
}
