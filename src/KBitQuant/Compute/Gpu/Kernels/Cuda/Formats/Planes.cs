using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>Puts symbols together, each in its byte, from planes of 4, 2 and 1 bits (<see cref="PackedLayout"/>).</summary>
internal static class Planes
{
    private const uint Nibble = 0x0F0F_0F0F;
    private const uint BitsFourAndFive = 0x3030_3030;
    private const uint BitFour = 0x1010_1010;
    private const uint BitSix = 0x4040_4040;

    /// <summary>Symbols of 5 bits.</summary>
    /// <param name="nibbles">Their lower four bits, in the lower half of the bytes for even groups, in the upper one for odd ones.</param>
    /// <param name="bits">The fifth ones of eight groups.</param>
    /// <param name="group">The group.</param>
    public static Words4 Five(Words4 nibbles, Words4 bits, int group) => new()
    {
        X = Lower(nibbles.X, group) | Field(bits.X, 4 - group, BitFour),
        Y = Lower(nibbles.Y, group) | Field(bits.Y, 4 - group, BitFour),
        Z = Lower(nibbles.Z, group) | Field(bits.Z, 4 - group, BitFour),
        W = Lower(nibbles.W, group) | Field(bits.W, 4 - group, BitFour),
    };

    /// <summary>Symbols of 6 bits.</summary>
    /// <param name="nibbles">As for <see cref="Five"/>.</param>
    /// <param name="pairs">The other two bits of four groups.</param>
    /// <param name="group">The group.</param>
    public static Words4 Six(Words4 nibbles, Words4 pairs, int group) => new()
    {
        X = Lower(nibbles.X, group) | Field(pairs.X, 4 - (group % 4 * 2), BitsFourAndFive),
        Y = Lower(nibbles.Y, group) | Field(pairs.Y, 4 - (group % 4 * 2), BitsFourAndFive),
        Z = Lower(nibbles.Z, group) | Field(pairs.Z, 4 - (group % 4 * 2), BitsFourAndFive),
        W = Lower(nibbles.W, group) | Field(pairs.W, 4 - (group % 4 * 2), BitsFourAndFive),
    };

    /// <summary>Symbols of 7 bits.</summary>
    /// <param name="nibbles">As for <see cref="Six"/>.</param>
    /// <param name="pairs">As for <see cref="Six"/>.</param>
    /// <param name="bits">The seventh ones of eight groups.</param>
    /// <param name="group">The group.</param>
    public static Words4 Seven(Words4 nibbles, Words4 pairs, Words4 bits, int group)
    {
        Words4 symbols = Six(nibbles, pairs, group);
        symbols.X |= Field(bits.X, 6 - group, BitSix);
        symbols.Y |= Field(bits.Y, 6 - group, BitSix);
        symbols.Z |= Field(bits.Z, 6 - group, BitSix);
        symbols.W |= Field(bits.W, 6 - group, BitSix);
        return symbols;
    }

    private static uint Lower(uint nibbles, int group) => (nibbles >> (group % 2 * 4)) & Nibble;

    private static uint Field(uint plane, int shift, uint mask) => (shift < 0 ? plane >> -shift : plane << shift) & mask;
}
