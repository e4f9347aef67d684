using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Platforms;

/// <summary>GPUs of NVIDIA. A kernel may begin before the one before it has ended: its launch is then hidden.</summary>
internal readonly struct CudaPlatform : IGpuPlatform
{
    public int Lanes => 32;

    public float Widen(ushort half) => PtxBits.WidenHalves(half).X;

    public ushort Round(float value) => (ushort)PtxBits.RoundToHalf(value);

    public float Exp(float x) => PtxBits.ExpOf2(x * IGpuPlatform.Log2OfE);

    public void Begin()
    {
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
    }

    public float AddLanes(float value, int distance)
    {
        for (int mask = distance; mask < Lanes; mask *= 2)
            value += PtxBits.ExchangeLanes(value, mask);
        return value;
    }

    public float MaxLanes(float value, int distance)
    {
        for (int mask = distance; mask < Lanes; mask *= 2)
            value = IntrinsicMath.Max(value, PtxBits.ExchangeLanes(value, mask));
        return value;
    }
}
