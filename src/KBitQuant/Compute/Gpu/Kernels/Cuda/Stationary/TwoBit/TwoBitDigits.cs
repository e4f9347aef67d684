using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;

/// <summary>
/// A warp's inputs as B operands of products of bytes: numbers of four digits to the base 256, each from -128 to 127, in steps that the warp's largest input chooses. Digit n is in columns n and n + 4
/// of B. A lane makes those of eight consecutive columns; they go through 1 KB of shared memory.
/// </summary>
/// <remarks>A digit takes 256 bytes, of which lanes 4g + t read 64: t is the place of 64 bytes, the chunk of 64 columns, xor t and the digit's lowest bit, that of 16: eight lanes that load, and all that store, meet
/// all banks.</remarks>
internal static class TwoBitDigits
{
    /// <summary>Bytes of shared memory of a warp.</summary>
    public const int Bytes = Count * DigitBytes;

    /// <summary>Inputs are below two to the power of this, in steps: digits reach 127/128 of 2^31.</summary>
    public const int InputBits = 30;

    private const int Count = 4;
    private const int DigitBytes = 256;

    // Makes of three bytes without sign digits with one, and of what is carried an addend of the next one.
    private const uint Balance = 0x0080_8080;

    // Bytes 0 and 1, or 2 and 3, of a and of b in turn; the lower or upper halves of both.
    private const uint InterleaveLow = 0x5140;
    private const uint InterleaveHigh = 0x7362;
    private const uint LowerHalves = 0x5410;
    private const uint UpperHalves = 0x7632;

    /// <summary>Stores the digits of a lane's eight columns.</summary>
    /// <param name="region">The warp's shared memory.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="x">The inputs.</param>
    /// <param name="scale">Steps of an input of 1.</param>
    public static void Store(uint region, int lane, TwoBitInputs x, float scale)
    {
        Words4 evens = Transpose(Digits(x.A.X * scale), Digits(x.B.X * scale), Digits(x.C.X * scale), Digits(x.D.X * scale));
        Words4 odds = Transpose(Digits(x.A.Y * scale), Digits(x.B.Y * scale), Digits(x.C.Y * scale), Digits(x.D.Y * scale));
        int word = lane >> 2;
        uint at = region + (uint)((word & 1) * 8);
        PtxMemory.StoreShared2(at + Place(0, lane & 3, word >> 1), new() { X = evens.X, Y = odds.X });
        PtxMemory.StoreShared2(at + Place(1, lane & 3, word >> 1), new() { X = evens.Y, Y = odds.Y });
        PtxMemory.StoreShared2(at + Place(2, lane & 3, word >> 1), new() { X = evens.Z, Y = odds.Z });
        PtxMemory.StoreShared2(at + Place(3, lane & 3, word >> 1), new() { X = evens.W, Y = odds.W });
    }

    /// <summary>The digits that the lane multiplies, of the two words of a chunk of 64 columns: even columns and odd ones, of either.</summary>
    /// <param name="region">The warp's shared memory.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="chunk">0 to 3.</param>
    public static Words4 Load(uint region, int lane, int chunk) => PtxMemory.LoadShared4(region + Place((lane >> 2) & (Count - 1), lane & 3, chunk));

    private static uint Place(int digit, int t, int chunk) => (uint)((digit * DigitBytes) + (t * 64) + ((chunk ^ t ^ (digit & 1)) * 16));

    private static uint Digits(float steps) => (PtxBits.RoundToInteger(steps) + Balance) ^ Balance;

    /// <summary>Bytes i of four registers to register i.</summary>
    private static Words4 Transpose(uint a, uint b, uint c, uint d)
    {
        uint first = PtxBits.Permute(a, b, InterleaveLow);
        uint second = PtxBits.Permute(c, d, InterleaveLow);
        uint third = PtxBits.Permute(a, b, InterleaveHigh);
        uint fourth = PtxBits.Permute(c, d, InterleaveHigh);
        return new()
        {
            X = PtxBits.Permute(first, second, LowerHalves),
            Y = PtxBits.Permute(first, second, UpperHalves),
            Z = PtxBits.Permute(third, fourth, LowerHalves),
            W = PtxBits.Permute(third, fourth, UpperHalves),
        };
    }
}
