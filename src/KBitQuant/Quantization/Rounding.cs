using System.Runtime.CompilerServices;

namespace KBitQuant.Quantization;

/// <summary>
/// Rounding registers of values to 16 bits: to nearest, ties to even, as <see cref="Numerics.Elements"/> does, but of numbers below
/// <see cref="Limit"/> only. No instruction of .NET's rounds to Half. A value is added to 1.5 * 2^13 times its power of two, at least that of
/// the smallest normal Half: the sum's last place is Half's, and its lower word counts these places, with the value's sign. Half's bits are
/// the count, plus 2^10 for each power of two above the smallest. Values come times 2^15, so that the smallest power is 2: of its
/// exponent 128 nothing is left in a word that is shifted to where Half has its exponent.
/// </summary>
internal static class Rounding
{
    /// <summary>The sign in the upper word of a float, and of a Half.</summary>
    public const ushort Sign = 0x8000;

    /// <summary>The exponent in the upper word of a float.</summary>
    public const ushort Exponent = 0x7F80;

    /// <summary>The exponent of 2 there.</summary>
    public const ushort SmallestExponent = 0x4000;

    /// <summary>How far that is from a Half's exponent.</summary>
    public const int ExponentShift = 3;

    /// <summary>What is added, in powers of two of the value.</summary>
    public const float Anchor = 3 << 12;

    /// <summary>The upper word of a dword.</summary>
    public const uint UpperWord = 0xFFFF_0000;

    /// <summary>What values have to be multiplied by.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale<T>() => typeof(T) == typeof(Half) ? 1 << 15 : 1;

    /// <summary>Magnitudes that are not rounded any more.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    public static float Limit<T>() => typeof(T) == typeof(Half) ? 1 << 16 : float.PositiveInfinity;
}
