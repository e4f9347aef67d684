using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels.Platforms;

/// <summary>Any GPU that ILGPU reaches, the emulated one included. Kernels begin when those before have ended.</summary>
internal readonly struct PortablePlatform : IGpuPlatform
{
    public int Lanes => 1;

    public float Widen(ushort half) => default(HalfElement).Widen(half);

    public ushort Round(float value) => default(HalfElement).Round(value);

    // Not MathF.Exp: on CUDA ILGPU has only the power of 2.
    public float Exp(float x) => IntrinsicMath.CPUOnly.Exp2(x * IGpuPlatform.Log2OfE);

    public void Begin()
    {
    }

    public float AddLanes(float value, int distance) => value;

    public float MaxLanes(float value, int distance) => value;
}
