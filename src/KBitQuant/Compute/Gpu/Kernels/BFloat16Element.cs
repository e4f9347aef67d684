using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels;

/// <summary>The upper half of a float.</summary>
internal readonly struct BFloat16Element : IElement<ushort>
{
    private const uint QuietBit = 0x40;

    public float Widen(ushort element) => Interop.IntAsFloat((uint)element << 16);

    public ushort Round(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        uint upper = bits >> 16;
        return (ushort)((bits & 0x7FFF_FFFF) > 0x7F80_0000 ? upper | QuietBit : (bits + 0x7FFF + (upper & 1)) >> 16);
    }
}
