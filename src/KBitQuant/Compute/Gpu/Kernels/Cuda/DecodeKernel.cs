using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>
/// y = x W^T for M = 2 to 8: bound by reading the weight. A group has a run of units, its warps take their slices in turn, so that the group reads one stretch of memory from front to back; the next slice is loaded as soon as one
/// has been used. The sums of a slice go to shared memory, and once a run of units is through, each output's sums are added in the order
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
        int count = ((int)((long)arguments.Units * (Grid.IdxX + 1) / Grid.DimX) - firstUnit) * arguments.Slices;
        long firstSlice = (long)firstUnit * arguments.Slices;
        int index = thread >> 5;
        // Warps without a slice, and those after their last one, load some slice that is there.
        Slice<TCodes, TRaw> slice = SliceProduct<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>.Load(
                    arguments, firstSlice + IntrinsicMath.Min(index, count - 1), lane);
        uint table = PtxMemory.DynamicShared();
        uint sums = table + DecodeGroup.TableBytes;
        default(TLookup).Fill(arguments.Table, table, thread, DecodeGroup.Size);
        // Up to here the weight alone was read, which no kernel writes.
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        PtxGrid.Barrier();
        table += default(TLookup).LaneOffset(lane) - PtxMemory.SharedStart;
        int row = lane >> 2;
        uint isWanted = row < arguments.M ? 1u : 0u;
        long x = arguments.X + ((((long)row * arguments.K) + ((lane & 3) * 8)) * 2);
        int lastTile = (arguments.K / PackedLayout.TileColumns) - 1;
        int roundSlices = arguments.RoundUnits * arguments.Slices;
        for (int start = 0; start < count; start += roundSlices)
        {
            int end = IntrinsicMath.Min(start + roundSlices, count);
            for (; index < end; index += DecodeGroup.Warps)
            {
                long offsets = arguments.Offsets + (SliceProduct<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>.ConstantIndex(firstSlice + index, lane) * default(TOffsets).Size);
                Floats4 sum = SliceProduct<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>.Multiply(
                    slice, offsets, x, isWanted, index % arguments.Slices * 2, lastTile, table);
                slice = SliceProduct<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>.Load(
                    arguments, firstSlice + IntrinsicMath.Min(index + DecodeGroup.Warps, count - 1), lane);
                DecodeGroup.Store(sums, index - start, arguments.M, 0, lane, sum);
            }

            PtxGrid.Barrier();
            DecodeGroup.Reduce<TElement>(
                arguments, sums, firstUnit + (start / arguments.Slices), (end - start) / arguments.Slices, arguments.Slices, thread);
            PtxGrid.Barrier();
        }
    }
}
