using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>
/// y = x W^T for M = 1 to 8: bound by reading the weight. A group has a run of units, its 16 warps take their items (16 rows by 512
/// columns) in turn, so that the group reads one stretch of memory from front to back; each slice is loaded again as soon as it has
/// been used. The sums of an item go to shared memory, and once a run of units is through, each output's sums are added in the order
/// of their columns: the same bits on every run.
/// </summary>
internal static class DecodeKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>
    where TCodes : unmanaged
    where TFormat : struct, ICodeFormat<TCodes>
    where TLookup : struct, ITableLookup
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
    where TElement : struct, ITensorElement
{
    public static void Run(DecodeArguments arguments)
    {
        int thread = Group.IdxX;
        int lane = thread & 31;
        int firstUnit = (int)((long)arguments.Units * Grid.IdxX / Grid.DimX);
        int count = ((int)((long)arguments.Units * (Grid.IdxX + 1) / Grid.DimX) - firstUnit) * arguments.Items;
        long firstItem = (long)firstUnit * arguments.Items;
        int item = thread >> 5;
        // Warps without an item, and those after their last one, load some item that is there.
        long first = (firstItem + IntrinsicMath.Min(item, count - 1)) * 2;
        Slice<TCodes, TRaw> slice0 = Load(arguments, first, lane);
        Slice<TCodes, TRaw> slice1 = Load(arguments, first + 1, lane);
        uint table = DecodeGroup.Table();
        uint sums = table + DecodeGroup.TableBytes;
        default(TLookup).Fill(arguments.Table, table, thread);
        // Up to here the weight alone was read, which no kernel writes.
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        PtxGrid.Barrier();
        table += default(TLookup).LaneOffset(lane);
        int row = lane >> 2;
        uint isWanted = row < arguments.M ? 1u : 0u;
        long x = arguments.X + ((((long)row * arguments.K) + ((lane & 3) * 8)) * 2);
        int lastTile = (arguments.K / PackedLayout.TileColumns) - 1;
        int roundItems = arguments.RoundUnits * arguments.Items;
        for (int start = 0; start < count; start += roundItems)
        {
            int end = IntrinsicMath.Min(start + roundItems, count);
            for (; item < end; item += DecodeGroup.Warps)
            {
                int tile = item % arguments.Items * 4;
                long next = (firstItem + IntrinsicMath.Min(item + DecodeGroup.Warps, count - 1)) * 2;
                Floats4 sum = SliceProduct<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>.Add(
                    slice0, x, isWanted, tile, lastTile, table, default);
                slice0 = Load(arguments, next, lane);
                sum = SliceProduct<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>.Add(
                    slice1, x, isWanted, tile + 2, lastTile, table, sum);
                slice1 = Load(arguments, next + 1, lane);
                DecodeGroup.Store(sums, item - start, arguments.M, 0, lane, sum);
            }

            PtxGrid.Barrier();
            DecodeGroup.Reduce<TElement>(arguments, sums, firstUnit + (start / arguments.Items), (end - start) / arguments.Items, thread);
            PtxGrid.Barrier();
        }
    }

    private static Slice<TCodes, TRaw> Load(DecodeArguments arguments, long index, int lane) =>
        SliceProduct<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>.Load(arguments, index, lane);
}
