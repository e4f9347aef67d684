using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels;

/// <summary>IEEE half precision: a sign, 5 bits of exponent, 10 of mantissa.</summary>
internal readonly struct HalfElement : IElement<ushort>
{
    private const uint InfinityBits = 0x7C00;
    private const uint QuietBit = 0x200;
    private const uint SingleInfinityBits = 0x7F80_0000;

    /// <summary>Mantissa bits of a float that a half lacks.</summary>
    private const int MantissaShift = 13;

    /// <summary>The difference of the exponents' biases, 127 - 15, in a float's exponent field.</summary>
    private const uint ExponentShift = 112u << 23;

    /// <summary>2^-14, the smallest normal half, as a float.</summary>
    private const uint SmallestNormal = 113u << 23;

    /// <summary>65520, from which on values round to infinity, as a float.</summary>
    private const uint Overflow = 0x477F_F000;

    /// <summary>2^-24: the unit of halves without an exponent.</summary>
    private const float Unit = 1f / (1 << 24);

    public float Widen(ushort element)
    {
        uint sign = (element & 0x8000u) << 16;
        uint magnitude = element & 0x7FFFu;
        if (magnitude >= InfinityBits)
            return Interop.IntAsFloat(sign | SingleInfinityBits | (magnitude << MantissaShift));
        uint value = magnitude >> 10 != 0 ? (magnitude << MantissaShift) + ExponentShift : Interop.FloatAsInt((int)magnitude * Unit);
        return Interop.IntAsFloat(sign | value);
    }

    public ushort Round(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        uint magnitude = bits & 0x7FFF_FFFF;
        uint rounded;
        if (magnitude > SingleInfinityBits)
            rounded = InfinityBits | QuietBit | ((magnitude >> MantissaShift) & 0x3FF);
        else if (magnitude >= Overflow)
            rounded = InfinityBits;
        else if (magnitude >= SmallestNormal)
            rounded = ShiftRounded(magnitude - ExponentShift, MantissaShift);
        else
            rounded = RoundSubnormal(magnitude);
        return (ushort)(((bits >> 16) & 0x8000) | rounded);
    }

    /// <summary>How many units of 2^-24 a float below 2^-14 has: with its exponent field e, mantissa * 2^(e - 126).</summary>
    private static uint RoundSubnormal(uint magnitude)
    {
        int shift = 126 - (int)(magnitude >> 23);
        // Below half a unit: 0. The mantissa has 24 bits.
        return shift > 24 ? 0 : ShiftRounded((magnitude & 0x7F_FFFF) | 0x80_0000, shift);
    }

    /// <summary>value / 2^shift to nearest, ties to even.</summary>
    private static uint ShiftRounded(uint value, int shift) => (value + ((1u << (shift - 1)) - 1) + ((value >> shift) & 1)) >> shift;
}
