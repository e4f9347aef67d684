using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>What a lane of <see cref="AttentionStepKernel"/> has of a tile, all of it asked for at once: two positions of eight
/// elements of the keys, and eight elements of two positions of the values.</summary>
internal struct AttentionTile
{
    /// <summary>Positions of a tile.</summary>
    public const int Positions = 64;

    /// <summary>Elements of keys that a warp has.</summary>
    public const int WarpElements = 8;

    public uint Key0;
    public uint Key1;
    public uint Key2;
    public uint Key3;
    public uint Key4;
    public uint Key5;
    public uint Key6;
    public uint Key7;
    public Words4 Value0;
    public Words4 Value1;

    /// <summary>The first of the two positions of the lane's values.</summary>
    public static int ValuePosition(int tile, int thread) => tile + (thread >> 5 << 2) + ((thread >> 4 & 1) << 1);

    /// <summary>Loads what the cache holds; values from <paramref name="known"/> on are zeros, keys undefined.</summary>
    public static AttentionTile Load(AttentionStepArguments arguments, int head, int tile, int known, int thread)
    {
        int lane = thread & 31;
        int position = IntrinsicMath.Min(tile + (2 * lane), arguments.Heads.Capacity - 2);
        long element = ((long)head * AttentionStepKernel.HeadSize) + (thread >> 5) * WarpElements;
        long keys = arguments.Heads.CachedKeys + (((element * arguments.Heads.Capacity) + position) * 2);
        long step = arguments.Heads.Capacity * 2L;
        int valuePosition = ValuePosition(tile, thread);
        long values = arguments.Heads.CachedValues + (((((long)head * arguments.Heads.Capacity) + valuePosition) * AttentionStepKernel.HeadSize) + ((lane & 15) * 8)) * 2;
        return new()
        {
            Key0 = PtxMemory.Load(keys),
            Key1 = PtxMemory.Load(keys + step),
            Key2 = PtxMemory.Load(keys + (2 * step)),
            Key3 = PtxMemory.Load(keys + (3 * step)),
            Key4 = PtxMemory.Load(keys + (4 * step)),
            Key5 = PtxMemory.Load(keys + (5 * step)),
            Key6 = PtxMemory.Load(keys + (6 * step)),
            Key7 = PtxMemory.Load(keys + (7 * step)),
            Value0 = PtxMemory.LoadIf4(values, valuePosition < known ? 1u : 0u),
            Value1 = PtxMemory.LoadIf4(values + (AttentionStepKernel.HeadSize * 2), valuePosition + 1 < known ? 1u : 0u),
        };
    }

    /// <summary>With the values of the token itself, which are not in the cache yet.</summary>
    public readonly AttentionTile WithToken(AttentionStepArguments arguments, int head, int tile, int known, int thread)
    {
        int position = ValuePosition(tile, thread);
        long values = arguments.Heads.Values + ((((long)head * arguments.Heads.HeadStride) + ((thread & 15) * 8)) * 2);
        AttentionTile result = this;
        result.Value0 = Merge(Value0, PtxMemory.LoadIf4(values, position == known ? 1u : 0u));
        result.Value1 = Merge(Value1, PtxMemory.LoadIf4(values, position + 1 == known ? 1u : 0u));
        return result;
    }

    /// <summary>Of two, one is zeros.</summary>
    private static Words4 Merge(Words4 a, Words4 b) => new() { X = a.X | b.X, Y = a.Y | b.Y, Z = a.Z | b.Z, W = a.W | b.W };
}
