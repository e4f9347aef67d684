using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>What a lane of <see cref="AttentionStepKernel"/> has of its warp's 32 positions, all of it asked for at once: of the keys 4 positions of 32
/// elements, or of the values 16 elements of 8 positions.</summary>
/// <remarks>With g = lane / 4 and t = lane % 4, keys of lane (g, t) are those of positions 4g to 4g + 3, elements 16s + 4t to 16s + 4t + 3 for s = 0
/// to 7: two words an element, an <see cref="AttentionWords"/> two s. Values are those of positions 8t to 8t + 7, elements 8g to 8g + 7 and 64 on.</remarks>
internal struct AttentionTile
{
    /// <summary>Positions of a warp.</summary>
    public const int WarpPositions = 32;

    private const int HeadSize = AttentionStepKernel.HeadSize;

    public AttentionWords First;
    public AttentionWords Second;
    public AttentionWords Third;
    public AttentionWords Fourth;

    /// <summary>Begins to load keys; those of positions that are not in the cache are undefined. Where there are none, all of it is one address: the loads stay, a
    /// branch around them would cost more.</summary>
    public static AttentionTile Keys(AttentionStepArguments arguments, AttentionPlace place, int first, int lane)
    {
        bool isThere = first < place.End;
        int position = IntrinsicMath.Min(first + (lane >> 2 << 2), arguments.Heads.Capacity - 4);
        long row = ((long)place.Head * HeadSize) + ((lane & 3) * 4);
        long at = arguments.Heads.CachedKeys + (isThere ? ((row * arguments.Heads.Capacity) + position) * 2 : 0);
        long step = isThere ? arguments.Heads.Capacity * 2L : 0;
        return new()
        {
            First = KeysOf32(at, step),
            Second = KeysOf32(at + (32 * step), step),
            Third = KeysOf32(at + (64 * step), step),
            Fourth = KeysOf32(at + (96 * step), step),
        };
    }

    /// <summary>Begins to load values; those that are not in the cache are zeros.</summary>
    public static AttentionTile Values(AttentionStepArguments arguments, AttentionPlace place, int first, int lane)
    {
        int position = first + ((lane & 3) * 8);
        long row = ((long)place.Head * arguments.Heads.Capacity) + position;
        long at = arguments.Heads.CachedValues + (((row * HeadSize) + (lane >> 2 << 3)) * 2);
        int count = place.Known - position;
        return new()
        {
            First = ValuesOf4(at, 0, count),
            Second = ValuesOf4(at + HeadSize, 0, count),
            Third = ValuesOf4(at, 2, count),
            Fourth = ValuesOf4(at + HeadSize, 2, count),
        };
    }

    /// <summary>Elements 0 to 3 and 16 to 19 from an address on.</summary>
    private static AttentionWords KeysOf32(long at, long step) => new()
    {
        First = KeysOf2(at, step),
        Second = KeysOf2(at + (2 * step), step),
        Third = KeysOf2(at + (16 * step), step),
        Fourth = KeysOf2(at + (18 * step), step),
    };

    private static Words4 KeysOf2(long at, long step)
    {
        Words2 first = PtxMemory.LoadOnce2(at);
        Words2 second = PtxMemory.LoadOnce2(at + step);
        return new() { X = first.X, Y = first.Y, Z = second.X, W = second.Y };
    }

    /// <summary>Eight elements of positions p, p + 4, p + 1 and p + 5, as a product takes them: those of the first <paramref name="count"/> are there.</summary>
    private static AttentionWords ValuesOf4(long at, int p, int count) => new()
    {
        First = ValuesOf(at, p, count),
        Second = ValuesOf(at, p + 4, count),
        Third = ValuesOf(at, p + 1, count),
        Fourth = ValuesOf(at, p + 5, count),
    };

    private static Words4 ValuesOf(long at, int p, int count) => PtxMemory.LoadIf4(at + (p * HeadSize * 2L), p < count ? 1u : 0u);
}
