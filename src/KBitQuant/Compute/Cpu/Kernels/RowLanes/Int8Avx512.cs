using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
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

    public static bool TakesWords
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWidth.Bits == 8;
    }

    public static void Gemv(in Int8Block block, byte* x, Int8InputBlock* inputs, float* y)
    {
        byte* codes0 = block.Groups.Codes;
        byte* codes1 = codes0 + block.Groups.GroupBytes(1);
        byte* codes2 = codes0 + block.Groups.GroupBytes(2);
        byte* codes3 = codes0 + block.Groups.GroupBytes(3);
        float* constants0 = block.Groups.Constants;
        float* constants1 = constants0 + block.Groups.GroupConstants(1);
        float* constants2 = constants0 + block.Groups.GroupConstants(2);
        float* constants3 = constants0 + block.Groups.GroupConstants(3);
        Vector512<byte> levels = Avx512F.BroadcastVector128ToVector512((uint*)block.Levels).AsByte();
        Vector512<float> sum0 = Avx512F.LoadVector512(y), sum1 = Avx512F.LoadVector512(y + Lanes);
        Vector512<float> sum2 = Avx512F.LoadVector512(y + (2 * Lanes)), sum3 = Avx512F.LoadVector512(y + (3 * Lanes));
        int blocks = block.Groups.Segments * block.SegmentInputBlocks;
        for (int left = block.SegmentInputBlocks; blocks > 0; blocks--, inputs++)
        {
            Vector512<int> dot0 = Vector512.Create(inputs->Start), dot1 = dot0, dot2 = dot0, dot3 = dot0;
            for (int unit = 0; unit < block.InputBlockUnits; unit++)
            {
                Vector512<uint> low0 = default, low1 = default, low2 = default, low3 = default;
                Vector512<uint> mid0 = default, mid1 = default, mid2 = default, mid3 = default;
                Vector512<uint> top0 = default, top1 = default, top2 = default, top3 = default;
                for (int quad = 0; quad < RowLaneLayout.UnitQuads;)
                {
                    Vector512<short> word0 = default, word1 = default, word2 = default, word3 = default;
                    for (int end = quad + WordSums<TWidth, TLookup>.Steps; quad < end; quad++, x += TakesWords ? 2 * StepBytes : StepBytes)
                    {
                        CodePlanes512<TWidth>.ToQuad(codes0, quad, ref low0, ref mid0, ref top0);
                        CodePlanes512<TWidth>.ToQuad(codes1, quad, ref low1, ref mid1, ref top1);
                        CodePlanes512<TWidth>.ToQuad(codes2, quad, ref low2, ref mid2, ref top2);
                        CodePlanes512<TWidth>.ToQuad(codes3, quad, ref low3, ref mid3, ref top3);
                        CodePlanes512<TWidth>.Prefetch(codes0, codes1, codes2, codes3, quad);
                        AddQuad(Level(levels, low0, mid0, top0), x, ref word0, ref dot0);
                        AddQuad(Level(levels, low1, mid1, top1), x, ref word1, ref dot1);
                        AddQuad(Level(levels, low2, mid2, top2), x, ref word2, ref dot2);
                        AddQuad(Level(levels, low3, mid3, top3), x, ref word3, ref dot3);
                    }

                    Widen(word0, ref dot0);
                    Widen(word1, ref dot1);
                    Widen(word2, ref dot2);
                    Widen(word3, ref dot3);
                }

                codes0 += RowLaneLayout.UnitBytes(TWidth.Bits);
                codes1 += RowLaneLayout.UnitBytes(TWidth.Bits);
                codes2 += RowLaneLayout.UnitBytes(TWidth.Bits);
                codes3 += RowLaneLayout.UnitBytes(TWidth.Bits);
            }

            Vector512<float> scale = Vector512.Create(inputs->Scale);
            sum0 = AddBlock(dot0, scale, constants0, sum0);
            sum1 = AddBlock(dot1, scale, constants1, sum1);
            sum2 = AddBlock(dot2, scale, constants2, sum2);
            sum3 = AddBlock(dot3, scale, constants3, sum3);
            if (--left > 0)
                continue;
            left = block.SegmentInputBlocks;
            constants0 += Lanes;
            constants1 += Lanes;
            constants2 += Lanes;
            constants3 += Lanes;
        }

        sum0.Store(y);
        sum1.Store(y + Lanes);
        sum2.Store(y + (2 * Lanes));
        sum3.Store(y + (3 * Lanes));
    }

    public static void DecodePanel(in Int8Block block, int group, int firstUnit, int unitCount, byte* panel)
    {
        byte* codes = block.Groups.Codes + block.Groups.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits));
        Vector512<byte> levels = Avx512F.BroadcastVector128ToVector512((uint*)block.Levels).AsByte();
        // The next slice: it arrives while this one is multiplied.
        long ahead = (long)unitCount * RowLaneLayout.UnitBytes(TWidth.Bits);
        for (int unit = 0; unit < unitCount; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
        {
            Vector512<uint> low = default, mid = default, top = default;
            for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, panel += PanelStepBytes)
            {
                CodePlanes512<TWidth>.ToQuad(codes, quad, ref low, ref mid, ref top);
                CodePlanes512<TWidth>.Prefetch(codes, quad, ahead);
                Vector512<byte> level = Level(levels, low, mid, top);
                if (!TakesWords)
                {
                    level.Store(panel);
                    continue;
                }

                EvenBytes(level).Store((short*)panel);
                panel += PanelStepBytes;
                OddBytes(level).Store((short*)panel);
            }
        }
    }

    public static void Multiply4(in Int8Panel panel, byte* x, Int8InputBlock* inputs, float* sums)
    {
        byte* levels = panel.Levels;
        float* constants = panel.Constants;
        for (int block = panel.Blocks; block > 0; block--)
        {
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
                    AddStep(low, x, ref lowWord0, ref low0);
                    AddStep(high, x, ref highWord0, ref high0);
                    AddStep(low, x + StepBytes, ref lowWord1, ref low1);
                    AddStep(high, x + StepBytes, ref highWord1, ref high1);
                    AddStep(low, x + (2 * StepBytes), ref lowWord2, ref low2);
                    AddStep(high, x + (2 * StepBytes), ref highWord2, ref high2);
                    AddStep(low, x + (3 * StepBytes), ref lowWord3, ref low3);
                    AddStep(high, x + (3 * StepBytes), ref highWord3, ref high3);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Level(Vector512<byte> levels, Vector512<uint> low, Vector512<uint> mid, Vector512<uint> top)
    {
        Vector512<byte> codes = CodePlanes512<TWidth>.QuadCodes(low, mid, top);
        return TLookup.IsUsed ? Avx512BW.Shuffle(levels, codes) : codes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> EvenBytes(Vector512<byte> level) => (level.AsUInt16() & Vector512.Create((ushort)0xFF)).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> OddBytes(Vector512<byte> level) => (level.AsUInt16() >>> 8).AsInt16();

    /// <summary>A quad's products with a row's inputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuad(Vector512<byte> level, byte* x, ref Vector512<short> word, ref Vector512<int> dot)
    {
        if (!TakesWords)
        {
            AddStep(level, x, ref word, ref dot);
            return;
        }

        AddStep(EvenBytes(level).AsByte(), x, ref word, ref dot);
        AddStep(OddBytes(level).AsByte(), x + StepBytes, ref word, ref dot);
    }

    /// <summary>A step's products, to the words or, where one step fills those, to the dot products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddStep(Vector512<byte> level, byte* x, ref Vector512<short> word, ref Vector512<int> dot)
    {
        Vector512<int> input = Vector512.Create(*(int*)x);
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
        AddBlock(low, scales, constants, Avx512F.LoadVector512(sums)).Store(sums);
        AddBlock(high, scales, constants + Lanes, Avx512F.LoadVector512(sums + Lanes)).Store(sums + Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AddBlock(Vector512<int> dot, Vector512<float> scale, float* constants, Vector512<float> sum) =>
        Avx512F.FusedMultiplyAdd(Avx512F.ConvertToVector512Single(dot), Avx512F.Multiply(Avx512F.LoadVector512(constants), scale), sum);
}
