using System.Diagnostics.CodeAnalysis;

namespace KBitQuant.Compute.Gpu.Decoder.Rotary;

/// <summary>Cosines and sines of the rotary embedding, [positions, pairs].</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuRotary(GpuDevice device, int pairCount, ReadOnlySpan<float> cosines, ReadOnlySpan<float> sines) : IDisposable
{
    /// <summary>Pairs of a head that are turned.</summary>
    public int PairCount => pairCount;

    public GpuTensor<float> Cosines { get; } = device.Upload(cosines);

    public GpuTensor<float> Sines { get; } = device.Upload(sines);

    public void Dispose()
    {
        Cosines.Dispose();
        Sines.Dispose();
    }
}
