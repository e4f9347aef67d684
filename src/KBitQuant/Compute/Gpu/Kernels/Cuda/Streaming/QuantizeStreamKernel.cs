using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Ptx;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>
/// Values to codes and constants as fast as memory moves them, for blocks of a power of two. The next tile is loaded while one is
/// worked on. Of the four chunks of a tile, lane 4i + j finds the constant of its block in chunk j, so that a division by it is done
/// once, not by every lane four times.
/// </summary>
internal static class QuantizeStreamKernel<TChunk, TElement, TBuckets, TOffsets>
    where TChunk : unmanaged
    where TElement : struct, IStreamElement<TChunk>
    where TBuckets : struct, IStreamBuckets
    where TOffsets : struct, IFlag
{
    public static void Run(QuantizeArguments arguments)
    {
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        int thread = Group.IdxX;
        int lane = thread & 31;
        uint table = PtxMemory.DynamicShared();
        Fill(arguments, table, thread);
        PtxGrid.Barrier();
        uint stride = (uint)BucketTable.BucketBytes << arguments.CopyShift;
        int copy = lane & ((1 << arguments.CopyShift) - 1);
        uint start = default(TBuckets).Start(table + (uint)(copy * BucketTable.BucketBytes), arguments.Key, stride);
        int step = Grid.DimX * StreamGroup.Warps;
        int last = arguments.Tiles - 1;
        int tile = (Grid.IdxX * StreamGroup.Warps) + (thread >> 5);
        StreamTile<TChunk> next = Load(arguments, IntrinsicMath.Min(tile, last), lane);
        for (; tile <= last; tile += step)
        {
            StreamTile<TChunk> current = next;
            next = Load(arguments, IntrinsicMath.Min(tile + step, last), lane);
            Encode(arguments, current, tile, lane, stride, start);
        }
    }

    private static void Fill(QuantizeArguments arguments, uint table, int thread)
    {
        int entries = arguments.BucketCount << arguments.CopyShift;
        for (int i = thread; i < entries; i += StreamGroup.Size)
            PtxMemory.StoreShared2(table + (uint)(i * BucketTable.BucketBytes), PtxMemory.LoadConstant2(arguments.Buckets + ((i >> arguments.CopyShift) * BucketTable.BucketBytes)));
    }

    private static StreamTile<TChunk> Load(QuantizeArguments arguments, int tile, int lane)
    {
        TElement element = default;
        int chunkBytes = StreamGroup.ChunkElements * element.Bytes;
        long at = arguments.Source + ((long)tile * (StreamGroup.Chunks * chunkBytes)) + (lane * StreamGroup.LaneElements * element.Bytes);
        return new()
        {
            Chunk0 = element.Load(at),
            Chunk1 = element.Load(at + chunkBytes),
            Chunk2 = element.Load(at + (2 * chunkBytes)),
            Chunk3 = element.Load(at + (3 * chunkBytes)),
        };
    }

    private static void Encode(QuantizeArguments arguments, StreamTile<TChunk> values, int tile, int lane, uint stride, uint start)
    {
        // The first of the elements of lane 4i + j in chunk j: those of the four lanes 4i to 4i + 3 are of one block.
        long at = ((long)tile * StreamGroup.TileElements) + ((lane & 3) * StreamGroup.ChunkElements) + (lane / 4 * (4 * StreamGroup.LaneElements));
        long block = at >> arguments.BlockShift;
        float constant = arguments.HasConstants != 0
            ? arguments.Constants.Widen(arguments.Constants.Load(block))
            : FindConstant(arguments, values, at, block, lane);
        // The reciprocal of a constant is never 0.
        float scale = constant == 0 ? 0 : PtxFloats.Reciprocal(constant);
        float offset = default(TOffsets).IsSet ? arguments.Offsets.Widen(arguments.Offsets.Load(block)) : 0;
        CodeBits bits = arguments.Packing;
        long codes = arguments.Codes + ((long)tile * (StreamGroup.Chunks * bits.ChunkBytes));
        int first = lane & ~3;
        Store(arguments, values.Chunk0, PtxLanes.Read(scale, first), ReadOffset(offset, first), codes, lane, stride, start);
        Store(arguments, values.Chunk1, PtxLanes.Read(scale, first + 1), ReadOffset(offset, first + 1), codes + bits.ChunkBytes, lane, stride, start);
        Store(arguments, values.Chunk2, PtxLanes.Read(scale, first + 2), ReadOffset(offset, first + 2), codes + (2 * bits.ChunkBytes), lane, stride, start);
        Store(arguments, values.Chunk3, PtxLanes.Read(scale, first + 3), ReadOffset(offset, first + 3), codes + (3 * bits.ChunkBytes), lane, stride, start);
    }

    private static float ReadOffset(float offset, int lane) => default(TOffsets).IsSet ? PtxLanes.Read(offset, lane) : 0;

    private static float FindConstant(QuantizeArguments arguments, StreamTile<TChunk> values, long at, long block, int lane)
    {
        TElement element = default;
        float largest = element.WidenMagnitude(FoldBlocks(arguments.BlockShift, FoldFour(values, lane)));
        bool isFinite = largest <= float.MaxValue;
        bool isFirst = (at & ((1L << arguments.BlockShift) - 1)) == 0;
        uint bits = arguments.Constants.Round(isFinite ? largest : 0);
        float constant = arguments.Constants.Widen(bits);
        bool isZero = constant < ConstantFormat.SmallestConstant;
        if (isFirst)
            arguments.Constants.Store(block, isZero ? 0 : bits);
        if (isFirst && !isFinite)
            PtxMemory.Lower(arguments.FirstBadBlock, (uint)block);
        return isZero ? 0 : constant;
    }

    /// <summary>The largest magnitude that the lanes 4i to 4i + 3 have in chunk j, in lane 4i + j: in two steps lanes swap what the
    /// other one goes on with.</summary>
    private static uint FoldFour(StreamTile<TChunk> values, int lane)
    {
        TElement element = default;
        uint m0 = element.Magnitude(values.Chunk0);
        uint m1 = element.Magnitude(values.Chunk1);
        uint m2 = element.Magnitude(values.Chunk2);
        uint m3 = element.Magnitude(values.Chunk3);
        bool isOdd = (lane & 1) != 0;
        uint low = element.Larger(isOdd ? m1 : m0, PtxBits.ExchangeLanes(isOdd ? m0 : m1, 1));
        uint high = element.Larger(isOdd ? m3 : m2, PtxBits.ExchangeLanes(isOdd ? m2 : m3, 1));
        bool isUpper = (lane & 2) != 0;
        return element.Larger(isUpper ? high : low, PtxBits.ExchangeLanes(isUpper ? low : high, 2));
    }

    /// <summary>The largest of a whole block.</summary>
    private static uint FoldBlocks(int blockShift, uint magnitude)
    {
        TElement element = default;
        // Blocks within a chunk lie across lanes 4i + j of one j; longer ones across all j as well.
        for (int shift = 5; shift < blockShift && shift < 8; shift++)
            magnitude = element.Larger(magnitude, PtxBits.ExchangeLanes(magnitude, 4 << (shift - 5)));
        for (int shift = 8; shift < blockShift; shift++)
            magnitude = element.Larger(magnitude, PtxBits.ExchangeLanes(magnitude, 1 << (shift - 8)));
        return magnitude;
    }

    private static void Store(QuantizeArguments arguments, TChunk chunk, float scale, float offset, long codes, int lane, uint stride, uint start)
    {
        Floats8 values = default(TElement).Widen(chunk);
        CodeBits bits = arguments.Packing;
        uint low = Encode(arguments, values.Low, scale, offset, stride, start);
        uint high = Encode(arguments, values.High, scale, offset, stride, start);
        bits.Store(codes, lane, scale == 0 ? 0 : bits.Join4(low, high));
    }

    private static uint Encode(QuantizeArguments arguments, Floats4 values, float scale, float offset, uint stride, uint start)
    {
        uint codes = Code(arguments, values.X, scale, offset, stride, start);
        codes += Code(arguments, values.Y, scale, offset, stride, start) << arguments.Packing.Bits;
        codes += Code(arguments, values.Z, scale, offset, stride, start) << (2 * arguments.Packing.Bits);
        return codes + (Code(arguments, values.W, scale, offset, stride, start) << (3 * arguments.Packing.Bits));
    }

    private static uint Code(QuantizeArguments arguments, float value, float scale, float offset, uint stride, uint start)
    {
        float scaled = PtxFloats.Multiply(default(TOffsets).IsSet ? value - offset : value, scale);
        Words2 bucket = PtxMemory.LoadShared2(default(TBuckets).Address(scaled, arguments.Key, stride, start));
        return PtxFloats.CodeAbove(scaled, Interop.IntAsFloat(bucket.X), bucket.Y);
    }
}
