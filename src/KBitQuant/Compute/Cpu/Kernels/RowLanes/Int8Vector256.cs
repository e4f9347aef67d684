using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
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
    private const int CacheLine = 64;
    private const int HalfBytes = HalfLanes * StepBytes;
    private const int PanelStepBytes = RowLaneBlock.PanelRows * StepBytes;
    private const int GemvGroups = 4;
    private const int GroupsPerPanel = RowLaneBlock.PanelRows / Lanes;
    private const int TileRows = Int8Inputs.TallRows;

    public static bool TakesWords
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWidth.Bits == 8 && !TDot.TakesLargeLevels;
    }

    public static void Gemv(in Int8Block block, byte* x, Int8InputBlock* inputs, float* y)
    {
        for (int group = 0; group < GemvGroups; group++)
            GemvGroup(block, group, x, inputs, y + (group * Lanes));
    }

    public static void DecodePanel(in Int8Block block, int group, int firstUnit, int unitCount, byte* panel)
    {
        byte* codes = block.Groups.Codes + block.Groups.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits));
        // The next slice: it arrives while this one is multiplied.
        long ahead = (long)unitCount * RowLaneLayout.UnitBytes(TWidth.Bits);
        for (int unit = 0; unit < unitCount; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
        {
            Vector256<uint> low0 = default, low1 = default, middle0 = default, middle1 = default, high0 = default, high1 = default;
            for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, panel += PanelStepBytes)
            {
                CodePlanes256<TWidth>.ToQuad(codes, quad, ref low0, ref middle0, ref high0);
                CodePlanes256<TWidth>.ToQuad(codes + HalfBytes, quad, ref low1, ref middle1, ref high1);
                if (quad < TWidth.Bits)
                    Sse.Prefetch0(codes + ahead + (quad * CacheLine));
                Vector256<byte> level0 = Level(block.Levels, low0, middle0, high0), level1 = Level(block.Levels, low1, middle1, high1);
                if (TakesWords)
                {
                    EvenBytes(level0).Store((short*)panel);
                    EvenBytes(level1).Store((short*)(panel + HalfBytes));
                    panel += PanelStepBytes;
                    (level0, level1) = (OddBytes(level0).AsByte(), OddBytes(level1).AsByte());
                }

                level0.Store(panel);
                level1.Store(panel + HalfBytes);
            }
        }
    }

    public static void Multiply4(in Int8Panel panel, byte* x, Int8InputBlock* inputs, float* sums)
    {
        for (int group = 0; group < GroupsPerPanel; group++)
            MultiplyGroup(panel, group * Lanes, x, inputs, sums + (group * Lanes));
    }

    /// <summary>Both halves of a group side by side: neither waits for its last sum.</summary>
    private static void GemvGroup(in Int8Block block, int group, byte* x, Int8InputBlock* inputs, float* y)
    {
        byte* codes = block.Groups.Codes + block.Groups.GroupBytes(group);
        float* constants = block.Groups.Constants + block.Groups.GroupConstants(group);
        Vector256<float> sum0 = Vector256.Load(y), sum1 = Vector256.Load(y + HalfLanes);
        for (int segment = 0; segment < block.Groups.Segments; segment++, constants += Lanes)
        {
            for (int i = 0; i < block.SegmentInputBlocks; i++, inputs++)
            {
                Vector256<int> dot0 = Vector256.Create(inputs->Start), dot1 = dot0;
                for (int unit = 0; unit < block.InputBlockUnits; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
                {
                    Vector256<uint> low0 = default, low1 = default, middle0 = default, middle1 = default, high0 = default, high1 = default;
                    for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, x += TakesWords ? 2 * StepBytes : StepBytes)
                    {
                        CodePlanes256<TWidth>.ToQuad(codes, quad, ref low0, ref middle0, ref high0);
                        CodePlanes256<TWidth>.ToQuad(codes + HalfBytes, quad, ref low1, ref middle1, ref high1);
                        dot0 = AddQuad(Level(block.Levels, low0, middle0, high0), x, dot0);
                        dot1 = AddQuad(Level(block.Levels, low1, middle1, high1), x, dot1);
                    }
                }

                sum0 = AddBlock(dot0, inputs->Scale, constants, sum0);
                sum1 = AddBlock(dot1, inputs->Scale, constants + HalfLanes, sum1);
            }
        }

        sum0.Store(y);
        sum1.Store(y + HalfLanes);
    }

    /// <summary>Four input rows times the two halves of one of the panel's groups.</summary>
    private static void MultiplyGroup(in Int8Panel panel, int lane, byte* x, Int8InputBlock* inputs, float* sums)
    {
        byte* levels = panel.Levels + (lane * StepBytes);
        float* constants = panel.Constants + lane;
        for (int block = panel.Blocks; block > 0; block--)
        {
            Vector256<int> low0 = Vector256.Create(inputs[0].Start), low1 = Vector256.Create(inputs[1].Start);
            Vector256<int> low2 = Vector256.Create(inputs[2].Start), low3 = Vector256.Create(inputs[3].Start);
            Vector256<int> high0 = low0, high1 = low1, high2 = low2, high3 = low3;
            for (byte* end = levels + (panel.BlockSteps * PanelStepBytes); levels < end; levels += PanelStepBytes, x += TileRows * StepBytes)
            {
                Vector256<byte> low = Vector256.Load(levels), high = Vector256.Load(levels + HalfBytes);
                AddStep(low, high, x, ref low0, ref high0);
                AddStep(low, high, x + StepBytes, ref low1, ref high1);
                AddStep(low, high, x + (2 * StepBytes), ref low2, ref high2);
                AddStep(low, high, x + (3 * StepBytes), ref low3, ref high3);
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
    private static Vector256<byte> Level(byte* levels, Vector256<uint> low, Vector256<uint> middle, Vector256<uint> high)
    {
        Vector256<byte> codes = CodePlanes256<TWidth>.QuadCodes(low, middle, high);
        return TLookup.IsUsed ? Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(levels), codes) : codes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> EvenBytes(Vector256<byte> level) => (level.AsUInt16() & Vector256.Create((ushort)0xFF)).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> OddBytes(Vector256<byte> level) => (level.AsUInt16() >>> 8).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> AddQuad(Vector256<byte> level, byte* x, Vector256<int> dot)
    {
        if (!TakesWords)
            return Step(level, Vector256.Create(*(int*)x), dot);
        dot = Step(EvenBytes(level).AsByte(), Vector256.Create(*(int*)x), dot);
        return Step(OddBytes(level).AsByte(), Vector256.Create(((int*)x)[1]), dot);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddStep(Vector256<byte> low, Vector256<byte> high, byte* x, ref Vector256<int> lowDot, ref Vector256<int> highDot)
    {
        Vector256<int> input = Vector256.Create(*(int*)x);
        lowDot = Step(low, input, lowDot);
        highDot = Step(high, input, highDot);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Step(Vector256<byte> level, Vector256<int> input, Vector256<int> dot) =>
        TakesWords ? dot + Avx2.MultiplyAddAdjacent(level.AsInt16(), input.AsInt16()) : TDot.Add(dot, level, input.AsSByte());

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
