using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KBitQuant.Numerics;

/// <summary>
/// The 16-bit brain floating-point format: 1 sign bit, 8 exponent bits, 7 mantissa bits; the upper half of a
/// <see cref="float"/>. Bit-compatible with the type that .NET 11 brings as <c>System.Numerics.BFloat16</c>.
/// </summary>
/// <remarks>Conversion from wider types rounds to the nearest value, ties to even; NaN stays NaN (quiet, upper payload bits kept).</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly struct BFloat16 : IEquatable<BFloat16>, IComparable<BFloat16>, IFormattable
{
    private const uint RoundingBias = 0x7FFF;
    private const uint QuietBit = 0x40;

    private readonly ushort _bits;

    private BFloat16(ushort bits) => _bits = bits;

    /// <summary>The largest finite value, 3.3895314e38.</summary>
    public static BFloat16 MaxValue => FromBits(0x7F7F);

    /// <summary>Positive infinity.</summary>
    public static BFloat16 PositiveInfinity => FromBits(0x7F80);

    /// <summary>A quiet NaN.</summary>
    public static BFloat16 NaN => FromBits(0xFFC0);

    /// <summary>Makes a value of its 16 bits (sign, 8 exponent bits, 7 mantissa bits).</summary>
    /// <param name="bits">The bit pattern.</param>
    public static BFloat16 FromBits(ushort bits) => new(bits);

    /// <summary>The 16 bits of a value.</summary>
    /// <param name="value">The value.</param>
    public static ushort ToBits(BFloat16 value) => value._bits;

    /// <summary>Whether the value is NaN.</summary>
    /// <param name="value">The value.</param>
    public static bool IsNaN(BFloat16 value) => (value._bits & 0x7FFF) > 0x7F80;

    /// <summary>Whether the value is neither infinite nor NaN.</summary>
    /// <param name="value">The value.</param>
    public static bool IsFinite(BFloat16 value) => (value._bits & 0x7F80) != 0x7F80;

    /// <summary>Rounds to the nearest BFloat16, ties to even.</summary>
    /// <param name="value">The value to round.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
            return new((ushort)((bits >> 16) | QuietBit));
        return new((ushort)((bits + RoundingBias + ((bits >> 16) & 1)) >> 16));
    }

    /// <summary>Rounds to the nearest BFloat16, ties to even, in one rounding.</summary>
    /// <param name="value">The value to round.</param>
    public static explicit operator BFloat16(double value)
    {
        // Round to odd on the way to float: the second rounding then sees on which side of a tie the value lay.
        float single = (float)value;
        if (single != value && float.IsFinite(single))
        {
            uint bits = BitConverter.SingleToUInt32Bits(single);
            bool awayFromZero = Math.Abs((double)single) > Math.Abs(value);
            single = BitConverter.UInt32BitsToSingle((awayFromZero ? bits - 1 : bits) | 1);
        }

        return (BFloat16)single;
    }

    /// <summary>Rounds to the nearest BFloat16, ties to even.</summary>
    /// <param name="value">The value to round.</param>
    public static explicit operator BFloat16(Half value) => (BFloat16)(float)value;

    /// <summary>Widens exactly.</summary>
    /// <param name="value">The value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value._bits << 16);

    /// <summary>Widens exactly.</summary>
    /// <param name="value">The value.</param>
    public static explicit operator double(BFloat16 value) => (float)value;

    /// <summary>Rounds to the nearest Half, ties to even.</summary>
    /// <param name="value">The value to round.</param>
    public static explicit operator Half(BFloat16 value) => (Half)(float)value;

    /// <summary>IEEE equality: NaN equals nothing, +0 equals -0.</summary>
    public static bool operator ==(BFloat16 left, BFloat16 right) => (float)left == (float)right;

    /// <summary>IEEE inequality.</summary>
    public static bool operator !=(BFloat16 left, BFloat16 right) => !(left == right);

    /// <summary>IEEE order; false where either is NaN.</summary>
    public static bool operator <(BFloat16 left, BFloat16 right) => (float)left < (float)right;

    /// <summary>IEEE order; false where either is NaN.</summary>
    public static bool operator >(BFloat16 left, BFloat16 right) => (float)left > (float)right;

    /// <summary>IEEE order; false where either is NaN.</summary>
    public static bool operator <=(BFloat16 left, BFloat16 right) => (float)left <= (float)right;

    /// <summary>IEEE order; false where either is NaN.</summary>
    public static bool operator >=(BFloat16 left, BFloat16 right) => (float)left >= (float)right;

    /// <summary>Flips the sign bit.</summary>
    /// <param name="value">The value.</param>
    public static BFloat16 operator -(BFloat16 value) => new((ushort)(value._bits ^ 0x8000));

    /// <inheritdoc/>
    public bool Equals(BFloat16 other) => ((float)this).Equals((float)other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BFloat16 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ((float)this).GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(BFloat16 other) => ((float)this).CompareTo((float)other);

    /// <summary>The shortest text that reads back as the same float, in the invariant culture.</summary>
    public override string ToString() => ToString(null, CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ((float)this).ToString(format, formatProvider);
}
