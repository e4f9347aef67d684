using System.Diagnostics.CodeAnalysis;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Decoder.Logits;

/// <summary>Conversions on a GPU (<see cref="WidenKernel"/>).</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class GpuConversion
{
    /// <summary>Widens the first elements, at least one, within a call.</summary>
    public static void Widen(GpuDevice device, GpuTensor<Half> halves, int count, GpuTensor<float> singles) =>
        WidenKernel.Kernel.Launch(device, ((count - 1) / WidenKernel.GroupElements) + 1, new()
        {
            Halves = halves.View.Cast<ushort>(),
            Singles = singles.View,
            Count = count,
        });
}
