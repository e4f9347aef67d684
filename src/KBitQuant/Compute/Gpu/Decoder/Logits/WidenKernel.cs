using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Decoder.Logits;

/// <summary>Halves to floats.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class WidenKernel
{
    private const int GroupElements = 1024;
    private const int GroupSize = 256;

    public static PlatformKernel<Arguments> Kernel { get; } = new("widen", Run<PortablePlatform>, Run<CudaPlatform>, GroupSize);

    /// <summary>Widens the first elements, at least one, within a call.</summary>
    public static void Widen(GpuDevice device, GpuTensor<Half> halves, int count, GpuTensor<float> singles) =>
        Kernel.Launch(device, ((count - 1) / GroupElements) + 1, new() { Halves = halves.View.Cast<ushort>(), Singles = singles.View, Count = count });

    private static void Run<TPlatform>(Arguments arguments)
        where TPlatform : struct, IGpuPlatform
    {
        TPlatform platform = default;
        platform.Begin();
        int first = Grid.IdxX * GroupElements;
        int end = IntrinsicMath.Min(arguments.Count, first + GroupElements);
        for (int i = first + Group.IdxX; i < end; i += Group.DimX)
            arguments.Singles[i] = platform.Widen(arguments.Halves[i]);
    }

    /// <summary>The kernel's parameter.</summary>
    internal struct Arguments : IKernelArguments
    {
        public ArrayView<ushort> Halves;
        public ArrayView<float> Singles;
        public int Count;

        public readonly void Write(ref ArgumentWriter writer)
        {
            writer.Add(Halves);
            writer.Add(Singles);
            writer.Add(Count);
        }
    }
}
