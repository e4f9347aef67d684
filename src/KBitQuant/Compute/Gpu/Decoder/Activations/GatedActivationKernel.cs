using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Ptx;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Decoder.Activations;

/// <summary><see cref="ActivationKernel"/> on GPUs of NVIDIA, where gate and up take turns: a thread reads 8 pairs and writes 8
/// elements.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class GatedActivationKernel
{
    private const int GroupSize = 256;

    /// <summary>Elements of a thread.</summary>
    private const int ThreadElements = 8;

    public static CudaKernel<Arguments> Kernel { get; } = new("cuda-gated-activation", Run, GroupSize);

    /// <summary>Puts it into the stream, within a call; false where the device, its driver or the count does not allow it.</summary>
    public static bool TryRun(GpuDevice device, ActivationKind kind, GpuTensor<Half> pairs, int count, GpuTensor<Half> y) =>
        count % ThreadElements == 0 && Kernel.TryLaunch(
            device,
            (((count - 1) / (GroupSize * ThreadElements)) + 1, 1),
            new() { Pairs = CudaAddress.Of(pairs.View), Y = CudaAddress.Of(y.View), Count = count, Kind = (int)kind });

    private static void Run(Arguments arguments)
    {
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        int i = ((Grid.IdxX * GroupSize) + Group.IdxX) * ThreadElements;
        if (i >= arguments.Count)
            return;
        long pairs = arguments.Pairs + (i * 2L * sizeof(ushort));
        Words4 first = PtxMemory.LoadIf4(pairs, 1);
        Words4 second = PtxMemory.LoadIf4(pairs + 16, 1);
        PtxMemory.Store4(arguments.Y + (i * (long)sizeof(ushort)), new()
        {
            X = PtxBits.RoundToHalves(Of(first.X, arguments.Kind), Of(first.Y, arguments.Kind)),
            Y = PtxBits.RoundToHalves(Of(first.Z, arguments.Kind), Of(first.W, arguments.Kind)),
            Z = PtxBits.RoundToHalves(Of(second.X, arguments.Kind), Of(second.Y, arguments.Kind)),
            W = PtxBits.RoundToHalves(Of(second.Z, arguments.Kind), Of(second.W, arguments.Kind)),
        });
    }

    private static float Of(uint pair, int kind)
    {
        Floats2 values = PtxBits.WidenHalves(pair);
        return ActivationFormula.Of<CudaPlatform>(values.X, kind) * values.Y;
    }

    /// <summary>The kernel's parameter.</summary>
    internal struct Arguments
    {
        /// <summary>The address of halves, gate and up in turn.</summary>
        public long Pairs;

        /// <summary>Receives halves.</summary>
        public long Y;

        /// <summary>Pairs: a multiple of <see cref="ThreadElements"/>.</summary>
        public int Count;

        /// <summary>An <see cref="ActivationKind"/>.</summary>
        public int Kind;
    }
}
