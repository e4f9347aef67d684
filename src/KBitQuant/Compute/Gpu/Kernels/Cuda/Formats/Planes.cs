using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>Puts 16 symbols together, each in its byte, from planes of 4, 2 and 1 bits (<see cref="PackedLayout"/>).</summary>
internal static class Planes
{
    private const uint Nibble = 0x0F0F_0F0F;
    private const uint BitsFourAndFive = 0x3030_3030;
    private const uint BitFour = 0x1010_1010;
    private const uint BitSix = 0x4040_4040;

    /// <summary>Symbols of 5 bits; <paramref name="bits"/> has the fifth ones in the lower four bits of its bytes.</summary>
    public static Words4 Five(Words2 nibbles, uint bits) => new()
    {
        X = (nibbles.X & Nibble) | ((bits << 4) & BitFour),
        Y = ((nibbles.X >> 4) & Nibble) | ((bits << 3) & BitFour),
        Z = (nibbles.Y & Nibble) | ((bits << 2) & BitFour),
        W = ((nibbles.Y >> 4) & Nibble) | ((bits << 1) & BitFour),
    };

    /// <summary>Symbols of 6 bits.</summary>
    public static Words4 Six(Words2 nibbles, uint pairs) => new()
    {
        X = (nibbles.X & Nibble) | ((pairs << 4) & BitsFourAndFive),
        Y = ((nibbles.X >> 4) & Nibble) | ((pairs << 2) & BitsFourAndFive),
        Z = (nibbles.Y & Nibble) | (pairs & BitsFourAndFive),
        W = ((nibbles.Y >> 4) & Nibble) | ((pairs >> 2) & BitsFourAndFive),
    };

    /// <summary>Symbols of 7 bits; <paramref name="bits"/> has the seventh ones in the lower four bits of its bytes.</summary>
    public static Words4 Seven(Words2 nibbles, uint pairs, uint bits)
    {
        Words4 symbols = Six(nibbles, pairs);
        symbols.X |= (bits << 6) & BitSix;
        symbols.Y |= (bits << 5) & BitSix;
        symbols.Z |= (bits << 4) & BitSix;
        symbols.W |= (bits << 3) & BitSix;
        return symbols;
    }
}
