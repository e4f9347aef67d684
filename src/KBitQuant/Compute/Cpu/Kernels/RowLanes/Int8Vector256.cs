using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Numerics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Products with inputs of 8 bits, with AVX2 or AVX-VNNI: a register holds a quad of columns of 8 rows, half a row group. Otherwise as
/// <see cref="Int8Avx512{TWidth, TLookup}"/>; how a quad of bytes is multiplied and summed is <typeparamref name="TDot"/>'s.
/// </summary>
internal sealed unsafe class Int8Vector256<TWidth, TLookup, TDot> : IInt8Operations
    where TWidth : struct, ICodeWidth
    where TLookup : struct, ILevelLookup
    where TDot : struct, IByteDot256
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int HalfLanes = Lanes / 2;
    private const int StepBytes = sizeof(uint);
    private const int HalfBytes = HalfLanes * StepBytes;
    private const int PanelStepBytes = RowLaneBlock.PanelRows * StepBytes;
    private const int GroupsPerPanel = RowLaneBlock.PanelRows / Lanes;
    private const int TileRows = Int8Inputs.TallRows;
    private const int PrefetchBytes = 2048;

    private static int StepsPerWord
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TDot.TakesLargeLevels ? 1 : WordSums<TWidth, TLookup>.Steps;
    }

    private static int UnitSteps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => RowLaneLayout.UnitQuads * QuadSteps;
    }

    /// <summary>Steps of a quad.</summary>
    private static int QuadSteps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TakesWords ? 2 : 1;
    }

    public static bool TakesWords
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWidth.Bits == 8 && !TDot.TakesLargeLevels;
    }

    [MethodImpl(InnerLoop.Options)]
    public static void DecodePanel(in Int8Block block, int group, int firstUnit, int unitCount, byte* panel)
    {
        byte* codes = block.Groups.Codes + block.Groups.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits));
        Vector256<byte> levels = LevelsOf(block);
        // The next slice: it arrives while this one is multiplied.
        long ahead = (long)unitCount * RowLaneLayout.UnitBytes(TWidth.Bits);
        for (int unit = 0; unit < unitCount; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits), panel += UnitSteps * PanelStepBytes)
        {
            Prefetch(codes + ahead);
            DecodeUnit(codes, levels, panel);
            DecodeUnit(codes + HalfBytes, levels, panel + HalfBytes);
        }
    }

    public static void Multiply4(in Int8Panel panel, byte* x, Int8InputBlock* inputs, float* sums)
    {
        for (int group = 0; group < GroupsPerPanel; group++)
            MultiplyGroup(panel, group * Lanes, x, inputs, sums + (group * Lanes));
    }

    [MethodImpl(InnerLoop.Options)]
    public static void Gemv(in Int8Block block, int group, byte* x, Int8InputBlock* inputs, float* y)
    {
        byte* codes = block.Groups.Codes + block.Groups.GroupBytes(group);
        float* constants = block.Groups.Constants + block.Groups.GroupConstants(group);
        Vector256<byte> levels = LevelsOf(block);
        Vector256<float> sum0 = Vector256.Load(y), sum1 = Vector256.Load(y + HalfLanes);
        int segmentBlocks = block.SegmentInputBlocks;
        int left = segmentBlocks;
        for (Int8InputBlock* end = inputs + (block.Groups.Segments * segmentBlocks); inputs < end; inputs++)
        {
            Vector256<int> dot0 = Vector256.Create(inputs->Start), dot1 = dot0;
            for (int unit = 0; unit < block.InputBlockUnits; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits), x += UnitSteps * StepBytes)
            {
                Prefetch(codes + PrefetchBytes);
                AddUnit(codes, levels, x, ref dot0, ref dot1);
            }

            sum0 = AddBlock(dot0, inputs->Scale, constants, sum0);
            sum1 = AddBlock(dot1, inputs->Scale, constants + HalfLanes, sum1);
            if (--left > 0)
                continue;
            left = segmentBlocks;
            constants += Lanes;
        }

        sum0.Store(y);
        sum1.Store(y + HalfLanes);
    }

    /// <summary>Adds the products of a unit, of both halves side by side: they share inputs. Written out: every quad has other shifts, and the
    /// compiler unrolls no such loop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddUnit(byte* codes, Vector256<byte> levels, byte* x, ref Vector256<int> dot0, ref Vector256<int> dot1)
    {
        Vector256<short> words0 = default, words1 = default;
        AddQuad(codes, 0, levels, x, ref words0, ref words1, ref dot0, ref dot1);
        AddQuad(codes, 1, levels, x, ref words0, ref words1, ref dot0, ref dot1);
        AddQuad(codes, 2, levels, x, ref words0, ref words1, ref dot0, ref dot1);
        AddQuad(codes, 3, levels, x, ref words0, ref words1, ref dot0, ref dot1);
        AddQuad(codes, 4, levels, x, ref words0, ref words1, ref dot0, ref dot1);
        AddQuad(codes, 5, levels, x, ref words0, ref words1, ref dot0, ref dot1);
        AddQuad(codes, 6, levels, x, ref words0, ref words1, ref dot0, ref dot1);
        AddQuad(codes, 7, levels, x, ref words0, ref words1, ref dot0, ref dot1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuad(
        byte* codes, int quad, Vector256<byte> levels, byte* x, ref Vector256<short> words0, ref Vector256<short> words1, ref Vector256<int> dot0, ref Vector256<int> dot1)
    {
        Vector256<byte> level0 = Level(codes, quad, levels), level1 = Level(codes + HalfBytes, quad, levels);
        Vector256<int> input = Vector256.Create(((int*)x)[quad * QuadSteps]);
        if (TakesWords)
        {
            AddStep(EvenBytes(level0).AsByte(), input, ref words0, ref dot0);
            AddStep(EvenBytes(level1).AsByte(), input, ref words1, ref dot1);
            input = Vector256.Create(((int*)x)[(quad * QuadSteps) + 1]);
            (level0, level1) = (OddBytes(level0).AsByte(), OddBytes(level1).AsByte());
        }

        AddStep(level0, input, ref words0, ref dot0);
        AddStep(level1, input, ref words1, ref dot1);
        if ((quad + 1) % StepsPerWord > 0)
            return;
        Widen(words0, ref dot0);
        Widen(words1, ref dot1);
        words0 = words1 = default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecodeUnit(byte* codes, Vector256<byte> levels, byte* panel)
    {
        DecodeQuad(codes, 0, levels, panel);
        DecodeQuad(codes, 1, levels, panel);
        DecodeQuad(codes, 2, levels, panel);
        DecodeQuad(codes, 3, levels, panel);
        DecodeQuad(codes, 4, levels, panel);
        DecodeQuad(codes, 5, levels, panel);
        DecodeQuad(codes, 6, levels, panel);
        DecodeQuad(codes, 7, levels, panel);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecodeQuad(byte* codes, int quad, Vector256<byte> levels, byte* panel)
    {
        Vector256<byte> level = Level(codes, quad, levels);
        panel += quad * QuadSteps * PanelStepBytes;
        if (!TakesWords)
        {
            level.Store(panel);
            return;
        }

        EvenBytes(level).Store((short*)panel);
        OddBytes(level).Store((short*)(panel + PanelStepBytes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* unit)
    {
        for (int line = 0; line < TWidth.Bits; line++)
            Sse.Prefetch0(unit + (line * CacheLine.Bytes));
    }

    /// <summary>Four input rows times the two halves of one of the panel's groups.</summary>
    [MethodImpl(InnerLoop.Options)]
    private static void MultiplyGroup(in Int8Panel panel, int lane, byte* x, Int8InputBlock* inputs, float* sums)
    {
        byte* levels = panel.Levels + (lane * StepBytes);
        float* constants = panel.Constants + lane;
        for (int block = panel.Blocks; block > 0; block--)
        {
            Vector256<int> low0 = Vector256.Create(inputs[0].Start), low1 = Vector256.Create(inputs[1].Start);
            Vector256<int> low2 = Vector256.Create(inputs[2].Start), low3 = Vector256.Create(inputs[3].Start);
            Vector256<int> high0 = low0, high1 = low1, high2 = low2, high3 = low3;
            for (byte* end = levels + (panel.BlockSteps * PanelStepBytes); levels < end;)
            {
                Vector256<short> lowWords0 = default, lowWords1 = default, lowWords2 = default, lowWords3 = default;
                Vector256<short> highWords0 = default, highWords1 = default, highWords2 = default, highWords3 = default;
                byte* wordsEnd = levels + (StepsPerWord * PanelStepBytes);
                do
                {
                    Vector256<byte> low = Vector256.Load(levels), high = Vector256.Load(levels + HalfBytes);
                    Vector256<int> input0 = Vector256.Create(*(int*)x), input1 = Vector256.Create(((int*)x)[1]);
                    Vector256<int> input2 = Vector256.Create(((int*)x)[2]), input3 = Vector256.Create(((int*)x)[3]);
                    AddStep(low, input0, ref lowWords0, ref low0);
                    AddStep(high, input0, ref highWords0, ref high0);
                    AddStep(low, input1, ref lowWords1, ref low1);
                    AddStep(high, input1, ref highWords1, ref high1);
                    AddStep(low, input2, ref lowWords2, ref low2);
                    AddStep(high, input2, ref highWords2, ref high2);
                    AddStep(low, input3, ref lowWords3, ref low3);
                    AddStep(high, input3, ref highWords3, ref high3);
                    levels += PanelStepBytes;
                    x += TileRows * StepBytes;
                }
                while (StepsPerWord > 1 && levels < wordsEnd);

                Widen(lowWords0, ref low0);
                Widen(highWords0, ref high0);
                Widen(lowWords1, ref low1);
                Widen(highWords1, ref high1);
                Widen(lowWords2, ref low2);
                Widen(highWords2, ref high2);
                Widen(lowWords3, ref low3);
                Widen(highWords3, ref high3);
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
    private static Vector256<byte> LevelsOf(in Int8Block block) =>
        TLookup.IsUsed ? Avx2.BroadcastVector128ToVector256(block.Levels) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Level(byte* codes, int quad, Vector256<byte> levels)
    {
        Vector256<byte> code = CodePlanes256<TWidth>.Quad(codes, quad);
        return TLookup.IsUsed ? Avx2.Shuffle(levels, code) : code;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> EvenBytes(Vector256<byte> level) => (level.AsUInt16() & Vector256.Create((ushort)0xFF)).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> OddBytes(Vector256<byte> level) => (level.AsUInt16() >>> 8).AsInt16();

    /// <summary>A step's products, to the words or, where one step fills those, to the dot products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddStep(Vector256<byte> level, Vector256<int> input, ref Vector256<short> words, ref Vector256<int> dot)
    {
        if (TakesWords)
            dot += Avx2.MultiplyAddAdjacent(level.AsInt16(), input.AsInt16());
        else if (StepsPerWord == 1)
            dot = TDot.Add(dot, level, input.AsSByte());
        else
            words += Avx2.MultiplyAddAdjacent(level, input.AsSByte());
    }

    /// <summary>Adds what words hold to the dot products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen(Vector256<short> words, ref Vector256<int> dot)
    {
        if (StepsPerWord > 1)
            dot += Avx2.MultiplyAddAdjacent(words, Vector256<short>.One);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(Vector256<int> low, Vector256<int> high, float scale, float* constants, float* sums)
    {
        AddBlock(low, scale, constants, Vector256.Load(sums)).Store(sums);
        AddBlock(high, scale, constants + HalfLanes, Vector256.Load(sums + HalfLanes)).Store(sums + HalfLanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> AddBlock(Vector256<int> dot, float scale, float* constants, Vector256<float> sum) =>
        Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(dot), Vector256.Load(constants) * scale, sum);
}
