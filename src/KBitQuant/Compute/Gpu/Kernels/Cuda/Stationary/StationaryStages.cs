using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>
/// Where 16 input rows leave no registers for the codes of the next slice: a warp's two stages in shared memory, [word][lane] of 16 bytes, as in
/// global memory. One is used up while the other one is filled. A lane reads what it copied itself, so that nobody waits for anybody.
/// </summary>
/// <typeparam name="TCodes">The codes of <typeparamref name="TFormat"/>.</typeparam>
/// <typeparam name="TFormat">The format.</typeparam>
internal static class StationaryStages<TCodes, TFormat>
    where TCodes : unmanaged
    where TFormat : struct, ICodeFormat<TCodes>
{
    /// <summary>Bytes of a stage.</summary>
    public static int Bytes => StationaryGroup.StageBytes(default(TFormat).Bits);

    /// <summary>Begins to copy the codes of a slice, counted through all units.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="index">The slice.</param>
    /// <param name="source">The lane whose codes are copied.</param>
    /// <param name="stage">Where they go.</param>
    public static void BeginCopy(DecodeArguments arguments, long index, int source, uint stage)
    {
        long codes = arguments.Codes + (index * Bytes) + (source * 16);
        CopyWord(stage, codes, 0);
        CopyWord(stage, codes, 1);
        CopyWord(stage, codes, 2);
        CopyWord(stage, codes, 3);
        CopyWord(stage, codes, 4);
        CopyWord(stage, codes, 5);
        CopyWord(stage, codes, 6);
        CopyWord(stage, codes, 7);
        PtxMemory.EndBatch();
    }

    /// <summary>Loads the codes of a stage whose copies have come (<see cref="PtxMemory.AwaitAll"/>).</summary>
    public static TCodes Load(uint stage) => default(TFormat).LoadShared(stage);

    private static void CopyWord(uint stage, long codes, int word)
    {
        if (word < default(TFormat).Bits)
            PtxMemory.BeginCopyOnce(stage + (uint)(word * PackedLayout.SliceBytesPerBit), codes + (word * PackedLayout.SliceBytesPerBit));
    }
}
