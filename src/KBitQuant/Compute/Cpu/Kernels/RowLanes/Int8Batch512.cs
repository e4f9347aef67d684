using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Several input rows of 8 bits with AVX-512BW: codes go straight into the multiplications of a tile, a row group at a time. Decoding takes a
/// tenth of what eight rows take, less than storing a panel and reading it again.</summary>
internal static unsafe class Int8Batch512<TWidth, TLookup>
    where TWidth : struct, ICodeWidth
    where TLookup : struct, ILevelLookup
{
    /// <summary>Rows of a tile.</summary>
    public const int TileRows = 8;

    private const int StepInputs = TileRows;

    /// <summary>Dwords of a unit's inputs.</summary>
    private const int UnitInputs = RowLaneLayout.UnitQuads * StepInputs;

    /// <summary>As <see cref="Int8Functions.GemvFew"/>.</summary>
    [MethodImpl(InnerLoop.Options)]
    public static void Multiply8(in Int8Block block, int group, int* x, Int8InputBlock* inputs, float* sums, int stride)
    {
        long firstSegment = (long)group * block.Groups.Segments;
        byte* codes = block.Groups.Codes + (firstSegment * block.Groups.UnitsPerSegment * RowLaneLayout.UnitBytes(TWidth.Bits));
        LaneFormat format = block.Groups.StoredFormat;
        int segmentBytes = StoredLanes512.Bytes(format);
        byte* constants = block.Groups.StoredConstants + (firstSegment * segmentBytes);
        int segmentBlocks = block.SegmentInputBlocks;
        int blockInputs = block.InputBlockUnits * UnitInputs;
        Vector512<byte> levels = Avx512F.BroadcastVector128ToVector512((uint*)block.Levels).AsByte();
        int left = segmentBlocks;
        for (Int8InputBlock* end = inputs + (block.Groups.Segments * segmentBlocks * TileRows); inputs < end; inputs += TileRows)
        {
            Vector512<int> dot0 = Vector512.Create(inputs[0].Start), dot1 = Vector512.Create(inputs[1].Start), dot2 = Vector512.Create(inputs[2].Start), dot3 = Vector512.Create(inputs[3].Start);
            Vector512<int> dot4 = Vector512.Create(inputs[4].Start), dot5 = Vector512.Create(inputs[5].Start), dot6 = Vector512.Create(inputs[6].Start), dot7 = Vector512.Create(inputs[7].Start);
            for (int* blockEnd = x + blockInputs; x < blockEnd; x += UnitInputs, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
            {
                CodePlanes512<TWidth>.PrefetchStream(codes);
                Vector512<short> word0 = default, word1 = default, word2 = default, word3 = default, word4 = default, word5 = default, word6 = default, word7 = default;
                AddQuad(Level(codes, 0, 0, levels), x, ref word0, ref word1, ref word2, ref word3, ref word4, ref word5, ref word6, ref word7, ref dot0, ref dot1, ref dot2, ref dot3, ref dot4, ref dot5, ref dot6, ref dot7);
                AddQuad(Level(codes, 0, 1, levels), x + StepInputs, ref word0, ref word1, ref word2, ref word3, ref word4, ref word5, ref word6, ref word7, ref dot0, ref dot1, ref dot2, ref dot3, ref dot4, ref dot5, ref dot6, ref dot7);
                Widen(2, ref word0, ref word1, ref word2, ref word3, ref word4, ref word5, ref word6, ref word7, ref dot0, ref dot1, ref dot2, ref dot3, ref dot4, ref dot5, ref dot6, ref dot7);
                AddQuad(Level(codes, 0, 2, levels), x + (2 * StepInputs), ref word0, ref word1, ref word2, ref word3, ref word4, ref word5, ref word6, ref word7, ref dot0, ref dot1, ref dot2, ref dot3, ref dot4, ref dot5, ref dot6, ref dot7);
                AddQuad(Level(codes, 0, 3, levels), x + (3 * StepInputs), ref word0, ref word1, ref word2, ref word3, ref word4, ref word5, ref word6, ref word7, ref dot0, ref dot1, ref dot2, ref dot3, ref dot4, ref dot5, ref dot6, ref dot7);
                Widen(4, ref word0, ref word1, ref word2, ref word3, ref word4, ref word5, ref word6, ref word7, ref dot0, ref dot1, ref dot2, ref dot3, ref dot4, ref dot5, ref dot6, ref dot7);
                AddQuad(Level(codes, 1, 0, levels), x + (4 * StepInputs), ref word0, ref word1, ref word2, ref word3, ref word4, ref word5, ref word6, ref word7, ref dot0, ref dot1, ref dot2, ref dot3, ref dot4, ref dot5, ref dot6, ref dot7);
                AddQuad(Level(codes, 1, 1, levels), x + (5 * StepInputs), ref word0, ref word1, ref word2, ref word3, ref word4, ref word5, ref word6, ref word7, ref dot0, ref dot1, ref dot2, ref dot3, ref dot4, ref dot5, ref dot6, ref dot7);
                Widen(6, ref word0, ref word1, ref word2, ref word3, ref word4, ref word5, ref word6, ref word7, ref dot0, ref dot1, ref dot2, ref dot3, ref dot4, ref dot5, ref dot6, ref dot7);
                AddQuad(Level(codes, 1, 2, levels), x + (6 * StepInputs), ref word0, ref word1, ref word2, ref word3, ref word4, ref word5, ref word6, ref word7, ref dot0, ref dot1, ref dot2, ref dot3, ref dot4, ref dot5, ref dot6, ref dot7);
                AddQuad(Level(codes, 1, 3, levels), x + (7 * StepInputs), ref word0, ref word1, ref word2, ref word3, ref word4, ref word5, ref word6, ref word7, ref dot0, ref dot1, ref dot2, ref dot3, ref dot4, ref dot5, ref dot6, ref dot7);
                Widen(8, ref word0, ref word1, ref word2, ref word3, ref word4, ref word5, ref word6, ref word7, ref dot0, ref dot1, ref dot2, ref dot3, ref dot4, ref dot5, ref dot6, ref dot7);
            }

            Vector512<float> constant = StoredLanes512.Load(constants, format);
            AddRow(dot0, constant, inputs[0].Scale, sums);
            AddRow(dot1, constant, inputs[1].Scale, sums + stride);
            AddRow(dot2, constant, inputs[2].Scale, sums + (2 * stride));
            AddRow(dot3, constant, inputs[3].Scale, sums + (3 * stride));
            AddRow(dot4, constant, inputs[4].Scale, sums + (4 * stride));
            AddRow(dot5, constant, inputs[5].Scale, sums + (5 * stride));
            AddRow(dot6, constant, inputs[6].Scale, sums + (6 * stride));
            AddRow(dot7, constant, inputs[7].Scale, sums + (7 * stride));
            if (--left > 0)
                continue;
            left = segmentBlocks;
            constants += segmentBytes;
        }
    }

    /// <summary>The same for the first four rows of a tile.</summary>
    [MethodImpl(InnerLoop.Options)]
    public static void Multiply4(in Int8Block block, int group, int* x, Int8InputBlock* inputs, float* sums, int stride)
    {
        long firstSegment = (long)group * block.Groups.Segments;
        byte* codes = block.Groups.Codes + (firstSegment * block.Groups.UnitsPerSegment * RowLaneLayout.UnitBytes(TWidth.Bits));
        LaneFormat format = block.Groups.StoredFormat;
        int segmentBytes = StoredLanes512.Bytes(format);
        byte* constants = block.Groups.StoredConstants + (firstSegment * segmentBytes);
        int segmentBlocks = block.SegmentInputBlocks;
        int blockInputs = block.InputBlockUnits * UnitInputs;
        Vector512<byte> levels = Avx512F.BroadcastVector128ToVector512((uint*)block.Levels).AsByte();
        int left = segmentBlocks;
        for (Int8InputBlock* end = inputs + (block.Groups.Segments * segmentBlocks * TileRows); inputs < end; inputs += TileRows)
        {
            Vector512<int> dot0 = Vector512.Create(inputs[0].Start), dot1 = Vector512.Create(inputs[1].Start), dot2 = Vector512.Create(inputs[2].Start), dot3 = Vector512.Create(inputs[3].Start);
            for (int* blockEnd = x + blockInputs; x < blockEnd; x += UnitInputs, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
            {
                CodePlanes512<TWidth>.PrefetchStream(codes);
                Vector512<short> word0 = default, word1 = default, word2 = default, word3 = default;
                AddQuad(Level(codes, 0, 0, levels), x, ref word0, ref word1, ref word2, ref word3, ref dot0, ref dot1, ref dot2, ref dot3);
                AddQuad(Level(codes, 0, 1, levels), x + StepInputs, ref word0, ref word1, ref word2, ref word3, ref dot0, ref dot1, ref dot2, ref dot3);
                Widen(2, ref word0, ref word1, ref word2, ref word3, ref dot0, ref dot1, ref dot2, ref dot3);
                AddQuad(Level(codes, 0, 2, levels), x + (2 * StepInputs), ref word0, ref word1, ref word2, ref word3, ref dot0, ref dot1, ref dot2, ref dot3);
                AddQuad(Level(codes, 0, 3, levels), x + (3 * StepInputs), ref word0, ref word1, ref word2, ref word3, ref dot0, ref dot1, ref dot2, ref dot3);
                Widen(4, ref word0, ref word1, ref word2, ref word3, ref dot0, ref dot1, ref dot2, ref dot3);
                AddQuad(Level(codes, 1, 0, levels), x + (4 * StepInputs), ref word0, ref word1, ref word2, ref word3, ref dot0, ref dot1, ref dot2, ref dot3);
                AddQuad(Level(codes, 1, 1, levels), x + (5 * StepInputs), ref word0, ref word1, ref word2, ref word3, ref dot0, ref dot1, ref dot2, ref dot3);
                Widen(6, ref word0, ref word1, ref word2, ref word3, ref dot0, ref dot1, ref dot2, ref dot3);
                AddQuad(Level(codes, 1, 2, levels), x + (6 * StepInputs), ref word0, ref word1, ref word2, ref word3, ref dot0, ref dot1, ref dot2, ref dot3);
                AddQuad(Level(codes, 1, 3, levels), x + (7 * StepInputs), ref word0, ref word1, ref word2, ref word3, ref dot0, ref dot1, ref dot2, ref dot3);
                Widen(8, ref word0, ref word1, ref word2, ref word3, ref dot0, ref dot1, ref dot2, ref dot3);
            }

            Vector512<float> constant = StoredLanes512.Load(constants, format);
            AddRow(dot0, constant, inputs[0].Scale, sums);
            AddRow(dot1, constant, inputs[1].Scale, sums + stride);
            AddRow(dot2, constant, inputs[2].Scale, sums + (2 * stride));
            AddRow(dot3, constant, inputs[3].Scale, sums + (3 * stride));
            if (--left > 0)
                continue;
            left = segmentBlocks;
            constants += segmentBytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Level(byte* codes, int half, int quad, Vector512<byte> levels) => Int8Avx512<TWidth, TLookup>.Level(codes, half, quad, levels);

    /// <summary>A quad's products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuad(Vector512<byte> level, int* x,
        ref Vector512<short> word0, ref Vector512<short> word1, ref Vector512<short> word2, ref Vector512<short> word3, ref Vector512<short> word4, ref Vector512<short> word5, ref Vector512<short> word6, ref Vector512<short> word7,
        ref Vector512<int> dot0, ref Vector512<int> dot1, ref Vector512<int> dot2, ref Vector512<int> dot3, ref Vector512<int> dot4, ref Vector512<int> dot5, ref Vector512<int> dot6, ref Vector512<int> dot7)
    {
        AddQuad(level, x, ref word0, ref word1, ref word2, ref word3, ref dot0, ref dot1, ref dot2, ref dot3);
        AddQuad(level, x + 4, ref word4, ref word5, ref word6, ref word7, ref dot4, ref dot5, ref dot6, ref dot7);
    }

    /// <summary>Adds what the words of as many quads as they hold sum up to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen(int quads,
        ref Vector512<short> word0, ref Vector512<short> word1, ref Vector512<short> word2, ref Vector512<short> word3, ref Vector512<short> word4, ref Vector512<short> word5, ref Vector512<short> word6, ref Vector512<short> word7,
        ref Vector512<int> dot0, ref Vector512<int> dot1, ref Vector512<int> dot2, ref Vector512<int> dot3, ref Vector512<int> dot4, ref Vector512<int> dot5, ref Vector512<int> dot6, ref Vector512<int> dot7)
    {
        Widen(quads, ref word0, ref word1, ref word2, ref word3, ref dot0, ref dot1, ref dot2, ref dot3);
        Widen(quads, ref word4, ref word5, ref word6, ref word7, ref dot4, ref dot5, ref dot6, ref dot7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuad(Vector512<byte> level, int* x,
        ref Vector512<short> word0, ref Vector512<short> word1, ref Vector512<short> word2, ref Vector512<short> word3,
        ref Vector512<int> dot0, ref Vector512<int> dot1, ref Vector512<int> dot2, ref Vector512<int> dot3)
    {
        if (WordSums<TWidth, TLookup>.Steps == 1)
        {
            dot0 = Avx512F.Add(dot0, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(level, Vector512.Create(x[0]).AsSByte()), Vector512<short>.One));
            dot1 = Avx512F.Add(dot1, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(level, Vector512.Create(x[1]).AsSByte()), Vector512<short>.One));
            dot2 = Avx512F.Add(dot2, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(level, Vector512.Create(x[2]).AsSByte()), Vector512<short>.One));
            dot3 = Avx512F.Add(dot3, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(level, Vector512.Create(x[3]).AsSByte()), Vector512<short>.One));
            return;
        }

        word0 = Avx512BW.Add(word0, Avx512BW.MultiplyAddAdjacent(level, Vector512.Create(x[0]).AsSByte()));
        word1 = Avx512BW.Add(word1, Avx512BW.MultiplyAddAdjacent(level, Vector512.Create(x[1]).AsSByte()));
        word2 = Avx512BW.Add(word2, Avx512BW.MultiplyAddAdjacent(level, Vector512.Create(x[2]).AsSByte()));
        word3 = Avx512BW.Add(word3, Avx512BW.MultiplyAddAdjacent(level, Vector512.Create(x[3]).AsSByte()));
    }

    /// <summary>Adds what the words of as many quads as they hold sum up to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen(int quads,
        ref Vector512<short> word0, ref Vector512<short> word1, ref Vector512<short> word2, ref Vector512<short> word3,
        ref Vector512<int> dot0, ref Vector512<int> dot1, ref Vector512<int> dot2, ref Vector512<int> dot3)
    {
        if (WordSums<TWidth, TLookup>.Steps == 1 || quads % WordSums<TWidth, TLookup>.Steps > 0)
            return;
        dot0 = Avx512F.Add(dot0, Avx512BW.MultiplyAddAdjacent(word0, Vector512<short>.One));
        dot1 = Avx512F.Add(dot1, Avx512BW.MultiplyAddAdjacent(word1, Vector512<short>.One));
        dot2 = Avx512F.Add(dot2, Avx512BW.MultiplyAddAdjacent(word2, Vector512<short>.One));
        dot3 = Avx512F.Add(dot3, Avx512BW.MultiplyAddAdjacent(word3, Vector512<short>.One));
        word0 = word1 = word2 = word3 = default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(Vector512<int> dot, Vector512<float> constants, float scale, float* sums) =>
        Int8Avx512<TWidth, TLookup>.AddBlock(dot, Vector512.Create(scale), constants, Avx512F.LoadVector512(sums)).Store(sums);
}
