using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>Eight codes of a lane in the canonical packing: k bytes, of which the codes 0 to 3 and 4 to 7 lie within 32 bits each, so
/// that k may be known at run time only.</summary>
internal struct CodeBits
{
    /// <summary>k.</summary>
    public int Bits;

    /// <summary>2^16 / k, rounded up: x * this / 2^16 is x / k for all bytes of a chunk, without a division.</summary>
    public int Reciprocal;

    /// <summary>Prepares for a k, on the host.</summary>
    public static CodeBits For(int bits) => new() { Bits = bits, Reciprocal = ((1 << 16) + bits - 1) / bits };

    /// <summary>Bytes of a chunk.</summary>
    public readonly int ChunkBytes => Bits * 32;

    /// <summary>Loads a lane's codes of a chunk: up to three words.</summary>
    public readonly Words4 Load(long chunk, int lane)
    {
        long at = chunk + (lane * Bits / 4 * 4);
        Words4 words = default;
        words.X = PtxMemory.LoadOnce(at);
        // Two codes to a byte, or four, and the lane's bytes lie in one word.
        if (Bits != 2 && Bits != 4)
            words.Y = PtxMemory.LoadOnce(at + 4);
        if (Bits == 7)
            words.Z = PtxMemory.LoadOnce(at + 8);
        return words;
    }

    /// <summary>The codes as 8k bits, from what was loaded.</summary>
    public readonly ulong Align(Words4 words, int lane)
    {
        int shift = lane * Bits % 4 * 8;
        uint low = PtxBits.ShiftRight(words.X, words.Y, shift);
        return Join(low, PtxBits.ShiftRight(words.Y, words.Z, shift));
    }

    /// <summary>Codes 0 to 3 in the low 4k bits.</summary>
    public static uint LowFour(ulong codes) => (uint)codes;

    /// <summary>Codes 4 to 7 in the low 4k bits.</summary>
    public readonly uint HighFour(ulong codes) => (uint)(codes >> (4 * Bits));

    /// <summary>8k bits from two runs of 4k.</summary>
    public readonly ulong Join4(uint lowFour, uint highFour) => lowFour | ((ulong)highFour << (4 * Bits));

    /// <summary>Stores a chunk; all lanes of the warp call this.</summary>
    public readonly void Store(long chunk, int lane, ulong codes)
    {
        uint low = (uint)codes;
        uint high = (uint)(codes >> 32);
        if (Bits == 4)
            PtxMemory.Store(chunk + (lane * 4), low);
        else if (Bits == 8)
            PtxMemory.Store2(chunk + (lane * 8), low, high);
        else if (Bits == 2)
            PtxMemory.StoreShort(chunk + (lane * 2), low);
        else
            StoreWords(chunk, lane, low, high);
    }

    /// <summary>Words that begin within one lane's bytes and may end within the next one's.</summary>
    private readonly void StoreWords(long chunk, int lane, uint low, uint high)
    {
        int words = 8 * Bits;
        for (int first = 0; first < words; first += 32)
        {
            int word = IntrinsicMath.Min(first + lane, words - 1);
            int source = (word * 4 * Reciprocal) >> 16;
            int skipped = (word * 4) - (source * Bits);
            // The last word ends with the last lane's bytes.
            uint next = PtxLanes.Read(low, IntrinsicMath.Min(source + 1, 31));
            uint begin = PtxLanes.Read(low, source);
            uint value = Bits < 4
                ? (begin >> (8 * skipped)) | (next << (8 * (Bits - skipped)))
                : (uint)((Join(begin, PtxLanes.Read(high, source)) >> (8 * skipped)) | ((ulong)next << (8 * (Bits - skipped))));
            if (first + lane < words)
                PtxMemory.Store(chunk + (word * 4), value);
        }
    }

    private static ulong Join(uint low, uint high) => low | ((ulong)high << 32);
}
