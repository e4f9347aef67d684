using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>Codes to values as fast as memory moves them, for blocks of a power of two. The next tile's codes and constants are loaded
/// while one is worked on; each lane has a copy of the table in its own bank of shared memory.</summary>
internal static class DequantizeStreamKernel<TChunk, TElement, TOffsets>
    where TChunk : unmanaged
    where TElement : struct, IStreamElement<TChunk>
    where TOffsets : struct, IFlag
{
    /// <summary>Bytes of an entry's copies, of which each lane has one.</summary>
    public const int EntryBytes = 128;

    public static void Run(DequantizeArguments arguments)
    {
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        int thread = Group.IdxX;
        int lane = thread & 31;
        uint table = PtxMemory.DynamicShared();
        for (int i = thread; i < 32 << arguments.Packing.Bits; i += StreamGroup.Size)
            PtxMemory.StoreSharedFloat(table + (uint)(i * 4), PtxMemory.LoadConstantFloat(arguments.Table + (i / 32 * 4)));
        PtxGrid.Barrier();
        table += (uint)(lane * 4);
        int step = Grid.DimX * StreamGroup.Warps;
        int last = arguments.Tiles - 1;
        int tile = (Grid.IdxX * StreamGroup.Warps) + (thread >> 5);
        StreamTile<DequantizeChunk> next = Load(arguments, IntrinsicMath.Min(tile, last), lane);
        for (; tile <= last; tile += step)
        {
            StreamTile<DequantizeChunk> current = next;
            next = Load(arguments, IntrinsicMath.Min(tile + step, last), lane);
            int chunkBytes = StreamGroup.ChunkElements * default(TElement).Bytes;
            long at = arguments.Values + ((long)tile * (StreamGroup.Chunks * chunkBytes)) + (lane * StreamGroup.LaneElements * default(TElement).Bytes);
            Decode(arguments, current.Chunk0, at, lane, table);
            Decode(arguments, current.Chunk1, at + chunkBytes, lane, table);
            Decode(arguments, current.Chunk2, at + (2 * chunkBytes), lane, table);
            Decode(arguments, current.Chunk3, at + (3 * chunkBytes), lane, table);
        }
    }

    private static StreamTile<DequantizeChunk> Load(DequantizeArguments arguments, int tile, int lane) => new()
    {
        Chunk0 = LoadChunk(arguments, ((long)tile * StreamGroup.Chunks) + 0, lane),
        Chunk1 = LoadChunk(arguments, ((long)tile * StreamGroup.Chunks) + 1, lane),
        Chunk2 = LoadChunk(arguments, ((long)tile * StreamGroup.Chunks) + 2, lane),
        Chunk3 = LoadChunk(arguments, ((long)tile * StreamGroup.Chunks) + 3, lane),
    };

    private static DequantizeChunk LoadChunk(DequantizeArguments arguments, long chunk, int lane)
    {
        CodeBits bits = arguments.Packing;
        long block = ((chunk * StreamGroup.ChunkElements) + (lane * StreamGroup.LaneElements)) >> arguments.BlockShift;
        return new()
        {
            Codes = bits.Load(arguments.Codes + (chunk * bits.ChunkBytes), lane),
            Constant = Interop.IntAsFloat(arguments.Constants.Load(block)),
            Offset = default(TOffsets).IsSet ? Interop.IntAsFloat(arguments.Offsets.Load(block)) : 0,
        };
    }

    private static void Decode(DequantizeArguments arguments, DequantizeChunk chunk, long values, int lane, uint table)
    {
        CodeBits bits = arguments.Packing;
        ulong codes = bits.Align(chunk.Codes, lane);
        float constant = arguments.Constants.Widen(Interop.FloatAsInt(chunk.Constant));
        float offset = default(TOffsets).IsSet ? arguments.Offsets.Widen(Interop.FloatAsInt(chunk.Offset)) : 0;
        default(TElement).Store(values, new()
        {
            Low = Values(CodeBits.LowFour(codes), arguments.Packing.Bits, constant, offset, table),
            High = Values(bits.HighFour(codes), arguments.Packing.Bits, constant, offset, table),
        });
    }

    private static Floats4 Values(uint codes, int bits, float constant, float offset, uint table) => new()
    {
        X = Value(codes, bits, constant, offset, table),
        Y = Value(codes >> bits, bits, constant, offset, table),
        Z = Value(codes >> (2 * bits), bits, constant, offset, table),
        W = Value(codes >> (3 * bits), bits, constant, offset, table),
    };

    private static float Value(uint codes, int bits, float constant, float offset, uint table)
    {
        uint code = codes & ((1u << bits) - 1);
        float product = PtxFloats.Multiply(constant, PtxMemory.LoadSharedFloat(table + (code * EntryBytes)));
        // Adding a zero offset would turn -0 into +0.
        return !default(TOffsets).IsSet || offset == 0 ? product : PtxFloats.Add(product, offset);
    }
}
