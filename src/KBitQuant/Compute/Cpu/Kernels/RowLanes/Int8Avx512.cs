using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Numerics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Products with inputs of 8 bits, with AVX-512BW. A register holds a quad of columns of 16 rows, a dword a row: four levels in bytes.
/// They meet a broadcast dword of four inputs: bytes multiply and add to words, words of several quads are summed while they cannot
/// overflow, and then add to the dwords of their rows. Levels up to 255 are widened to words first.
/// </summary>
internal sealed unsafe class Int8Avx512<TWidth, TLookup> : IInt8Operations
    where TWidth : struct, ICodeWidth
    where TLookup : struct, ILevelLookup
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int StepBytes = sizeof(uint);
    private const int PanelStepBytes = RowLaneBlock.PanelRows * StepBytes;
    private const int TileRows = Int8Inputs.TallRows;

    /// <summary>Steps of a quad.</summary>
    private static int QuadSteps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TakesWords ? 2 : 1;
    }

    /// <summary>Bytes of a unit's inputs.</summary>
    private static int UnitInputBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => RowLaneLayout.UnitQuads * QuadSteps * StepBytes;
    }

    public static bool TakesWords
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWidth.Bits == 8;
    }

    [MethodImpl(InnerLoop.Options)]
    public static void DecodePanel(in Int8Block block, int group, int firstUnit, int unitCount, byte* panel)
    {
        byte* codes = block.Groups.Codes + block.Groups.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits));
        Vector512<byte> levels = Avx512F.BroadcastVector128ToVector512((uint*)block.Levels).AsByte();
        for (int unit = 0; unit < unitCount; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
        {
            for (int half = 0; half < 2; half++, panel += CodePlanes512<TWidth>.HalfQuads * QuadSteps * PanelStepBytes)
            {
                DecodeQuad(Level(codes, half, 0, levels), panel);
                DecodeQuad(Level(codes, half, 1, levels), panel + (QuadSteps * PanelStepBytes));
                DecodeQuad(Level(codes, half, 2, levels), panel + (2 * QuadSteps * PanelStepBytes));
                DecodeQuad(Level(codes, half, 3, levels), panel + (3 * QuadSteps * PanelStepBytes));
            }
        }
    }

    [MethodImpl(InnerLoop.Options)]
    public static void Multiply4(in Int8Panel panel, byte* x, Int8InputBlock* inputs, float* sums)
    {
        byte* levels = panel.Levels;
        float* constants = panel.Constants;
        byte* ahead = panel.Ahead;
        for (int block = panel.Blocks; block > 0; block--)
        {
            for (byte* nextBlock = ahead + panel.AheadBytes; ahead < nextBlock; ahead += CacheLine.Bytes)
                Sse.Prefetch0(ahead);
            Vector512<int> low0 = Vector512.Create(inputs[0].Start), low1 = Vector512.Create(inputs[1].Start);
            Vector512<int> low2 = Vector512.Create(inputs[2].Start), low3 = Vector512.Create(inputs[3].Start);
            Vector512<int> high0 = low0, high1 = low1, high2 = low2, high3 = low3;
            for (byte* end = levels + (panel.BlockSteps * PanelStepBytes); levels < end;)
            {
                Vector512<short> lowWord0 = default, lowWord1 = default, lowWord2 = default, lowWord3 = default;
                Vector512<short> highWord0 = default, highWord1 = default, highWord2 = default, highWord3 = default;
                for (int step = 0; step < WordSums<TWidth, TLookup>.Steps; step++, levels += PanelStepBytes, x += TileRows * StepBytes)
                {
                    Vector512<byte> low = Vector512.Load(levels), high = Vector512.Load(levels + (PanelStepBytes / 2));
                    AddStep(low, x, 0, ref lowWord0, ref low0);
                    AddStep(high, x, 0, ref highWord0, ref high0);
                    AddStep(low, x, 1, ref lowWord1, ref low1);
                    AddStep(high, x, 1, ref highWord1, ref high1);
                    AddStep(low, x, 2, ref lowWord2, ref low2);
                    AddStep(high, x, 2, ref highWord2, ref high2);
                    AddStep(low, x, 3, ref lowWord3, ref low3);
                    AddStep(high, x, 3, ref highWord3, ref high3);
                }

                Widen(lowWord0, ref low0);
                Widen(lowWord1, ref low1);
                Widen(lowWord2, ref low2);
                Widen(lowWord3, ref low3);
                Widen(highWord0, ref high0);
                Widen(highWord1, ref high1);
                Widen(highWord2, ref high2);
                Widen(highWord3, ref high3);
            }

            AddRow(low0, high0, inputs[0].Scale, constants, sums);
            AddRow(low1, high1, inputs[1].Scale, constants, sums + RowLaneBlock.PanelRows);
            AddRow(low2, high2, inputs[2].Scale, constants, sums + (2 * RowLaneBlock.PanelRows));
            AddRow(low3, high3, inputs[3].Scale, constants, sums + (3 * RowLaneBlock.PanelRows));
            constants += RowLaneBlock.PanelRows;
            inputs += TileRows;
        }
    }

    [MethodImpl(InnerLoop.Options)]
    public static void Gemv(in Int8Block block, int group, byte* x, Int8InputBlock* inputs, float* y)
    {
        // By fields: for a method of the groups the compiler copies them, and keeps the place of the codes in memory.
        long firstSegment = (long)group * block.Groups.Segments;
        byte* codes = block.Groups.Codes + (firstSegment * block.Groups.UnitsPerSegment * RowLaneLayout.UnitBytes(TWidth.Bits));
        LaneFormat format = block.Groups.StoredFormat;
        int segmentBytes = StoredLanes512.Bytes(format);
        byte* constants = block.Groups.StoredConstants + (firstSegment * segmentBytes);
        int segmentBlocks = block.SegmentInputBlocks;
        int blockBytes = block.InputBlockUnits * UnitInputBytes;
        Vector512<byte> levels = Avx512F.BroadcastVector128ToVector512((uint*)block.Levels).AsByte();
        Vector512<float> sum = Avx512F.LoadVector512(y);
        for (Int8InputBlock* end = inputs + (block.Groups.Segments * segmentBlocks); inputs < end; constants += segmentBytes)
        {
            Vector512<float> constant = StoredLanes512.Load(constants, format);
            for (Int8InputBlock* segmentEnd = inputs + segmentBlocks; inputs < segmentEnd; inputs++)
            {
                Vector512<int> dot = Vector512.Create(inputs->Start);
                for (byte* blockEnd = x + blockBytes; x < blockEnd; x += UnitInputBytes, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
                {
                    CodePlanes512<TWidth>.PrefetchStream(codes);
                    Vector512<short> word = default;
                    AddQuad(Level(codes, 0, 0, levels), 0, x, ref word, ref dot);
                    AddQuad(Level(codes, 0, 1, levels), 1, x, ref word, ref dot);
                    AddQuad(Level(codes, 0, 2, levels), 2, x, ref word, ref dot);
                    AddQuad(Level(codes, 0, 3, levels), 3, x, ref word, ref dot);
                    AddQuad(Level(codes, 1, 0, levels), 4, x, ref word, ref dot);
                    AddQuad(Level(codes, 1, 1, levels), 5, x, ref word, ref dot);
                    AddQuad(Level(codes, 1, 2, levels), 6, x, ref word, ref dot);
                    AddQuad(Level(codes, 1, 3, levels), 7, x, ref word, ref dot);
                }

                sum = AddBlock(dot, Vector512.Create(inputs->Scale), constant, sum);
            }
        }

        sum.Store(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecodeQuad(Vector512<byte> level, byte* panel)
    {
        if (!TakesWords)
        {
            level.Store(panel);
            return;
        }

        EvenBytes(level).Store((short*)panel);
        OddBytes(level).Store((short*)(panel + PanelStepBytes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<byte> Level(byte* codes, int half, int quad, Vector512<byte> levels)
    {
        // Of an index six bits count, and levels repeat every 16 entries: the bits above a code may stay.
        if (TLookup.IsUsed && Avx512Vbmi.IsSupported)
            return Avx512Vbmi.PermuteVar64x8(levels, CodePlanes512<TWidth>.Quad(codes, half, quad).AsByte());
        Vector512<byte> quadCodes = CodePlanes512<TWidth>.Codes(codes, half, quad);
        return TLookup.IsUsed ? Avx512BW.Shuffle(levels, quadCodes) : quadCodes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> EvenBytes(Vector512<byte> level) => (level.AsUInt16() & Vector512.Create((ushort)0xFF)).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> OddBytes(Vector512<byte> level) => (level.AsUInt16() >>> 8).AsInt16();

    /// <summary>A quad's products with a row's inputs; with the last of the quads whose words are summed, these are added to the dot
    /// products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuad(Vector512<byte> level, int quad, byte* x, ref Vector512<short> word, ref Vector512<int> dot)
    {
        if (TakesWords)
        {
            AddStep(EvenBytes(level).AsByte(), x, quad * QuadSteps, ref word, ref dot);
            AddStep(OddBytes(level).AsByte(), x, (quad * QuadSteps) + 1, ref word, ref dot);
            return;
        }

        AddStep(level, x, quad, ref word, ref dot);
        if ((quad + 1) % WordSums<TWidth, TLookup>.Steps > 0)
            return;
        Widen(word, ref dot);
        word = default;
    }

    /// <summary>A step's products, to the words or, where one step fills those, to the dot products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddStep(Vector512<byte> level, byte* x, int step, ref Vector512<short> word, ref Vector512<int> dot)
    {
        Vector512<int> input = Vector512.Create(((int*)x)[step]);
        if (TakesWords)
        {
            dot = Avx512F.Add(dot, Avx512BW.MultiplyAddAdjacent(level.AsInt16(), input.AsInt16()));
            return;
        }

        Vector512<short> pairs = Avx512BW.MultiplyAddAdjacent(level, input.AsSByte());
        if (WordSums<TWidth, TLookup>.Steps == 1)
            dot = Avx512F.Add(dot, Avx512BW.MultiplyAddAdjacent(pairs, Vector512<short>.One));
        else
            word = Avx512BW.Add(word, pairs);
    }

    /// <summary>Adds what words hold to the dot products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen(Vector512<short> word, ref Vector512<int> dot)
    {
        if (WordSums<TWidth, TLookup>.Steps > 1)
            dot = Avx512F.Add(dot, Avx512BW.MultiplyAddAdjacent(word, Vector512<short>.One));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(Vector512<int> low, Vector512<int> high, float scale, float* constants, float* sums)
    {
        Vector512<float> scales = Vector512.Create(scale);
        AddBlock(low, scales, Avx512F.LoadVector512(constants), Avx512F.LoadVector512(sums)).Store(sums);
        AddBlock(high, scales, Avx512F.LoadVector512(constants + Lanes), Avx512F.LoadVector512(sums + Lanes)).Store(sums + Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> AddBlock(Vector512<int> dot, Vector512<float> scale, Vector512<float> constants, Vector512<float> sum) =>
        Avx512F.FusedMultiplyAdd(Avx512F.ConvertToVector512Single(dot), Avx512F.Multiply(constants, scale), sum);
}
