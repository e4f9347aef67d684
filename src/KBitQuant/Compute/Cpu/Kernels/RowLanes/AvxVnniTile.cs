using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Numerics;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Panels of levels in bytes times tiles of four input rows with AVX-VNNI, 8 lanes at a time: the four products of a dword in one instruction,
/// whatever the levels. Two start in a cycle and take five, so at least ten sums have to be under way: 24 of the panel's lanes have
/// twelve, for which the registers just suffice, and the last 8 have two for each row.
/// </summary>
internal static unsafe class AvxVnniTile
{
    private const int StepBytes = sizeof(uint);
    private const int Lanes = 8;
    private const int LaneBytes = Lanes * StepBytes;
    private const int PanelStepBytes = RowLaneBlock.PanelRows * StepBytes;
    private const int TileStepBytes = Int8Inputs.TallRows * StepBytes;
    private const int LastLane = 3 * Lanes;

    public static bool IsSupported => AvxVnni.IsSupported;

    /// <summary>As <see cref="IInt8Operations.Multiply4"/>.</summary>
    public static void Multiply4(in Int8Panel panel, byte* x, Int8InputBlock* inputs, float* sums)
    {
        MultiplyFirst(panel, x, inputs, sums);
        MultiplyLast(panel, x, inputs, sums + LastLane);
    }

    /// <summary>24 lanes.</summary>
    [MethodImpl(InnerLoop.Options)]
    private static void MultiplyFirst(in Int8Panel panel, byte* x, Int8InputBlock* inputs, float* sums)
    {
        byte* levels = panel.Levels;
        float* constants = panel.Constants;
        byte* ahead = panel.Ahead;
        for (int block = panel.Blocks; block > 0; block--)
        {
            for (byte* nextBlock = ahead + panel.AheadBytes; ahead < nextBlock; ahead += CacheLine.Bytes)
                Sse.Prefetch0(ahead);
            Vector256<int> low0 = Vector256.Create(inputs[0].Start), middle0 = low0, high0 = low0;
            Vector256<int> low1 = Vector256.Create(inputs[1].Start), middle1 = low1, high1 = low1;
            Vector256<int> low2 = Vector256.Create(inputs[2].Start), middle2 = low2, high2 = low2;
            Vector256<int> low3 = Vector256.Create(inputs[3].Start), middle3 = low3, high3 = low3;
            for (byte* end = levels + (panel.BlockSteps * PanelStepBytes); levels < end; levels += PanelStepBytes, x += TileStepBytes)
            {
                Vector256<byte> low = Vector256.Load(levels), middle = Vector256.Load(levels + LaneBytes), high = Vector256.Load(levels + (2 * LaneBytes));
                AddStep(low, middle, high, x, ref low0, ref middle0, ref high0);
                AddStep(low, middle, high, x + StepBytes, ref low1, ref middle1, ref high1);
                AddStep(low, middle, high, x + (2 * StepBytes), ref low2, ref middle2, ref high2);
                AddStep(low, middle, high, x + (3 * StepBytes), ref low3, ref middle3, ref high3);
            }

            AddRow(low0, middle0, high0, inputs[0].Scale, constants, sums);
            AddRow(low1, middle1, high1, inputs[1].Scale, constants, sums + RowLaneBlock.PanelRows);
            AddRow(low2, middle2, high2, inputs[2].Scale, constants, sums + (2 * RowLaneBlock.PanelRows));
            AddRow(low3, middle3, high3, inputs[3].Scale, constants, sums + (3 * RowLaneBlock.PanelRows));
            constants += RowLaneBlock.PanelRows;
            inputs += Int8Inputs.TallRows;
        }
    }

    /// <summary>The other 8 lanes: even and odd steps apart.</summary>
    [MethodImpl(InnerLoop.Options)]
    private static void MultiplyLast(in Int8Panel panel, byte* x, Int8InputBlock* inputs, float* sums)
    {
        byte* levels = panel.Levels + (LastLane * StepBytes);
        float* constants = panel.Constants + LastLane;
        for (int block = panel.Blocks; block > 0; block--)
        {
            Vector256<int> even0 = Vector256.Create(inputs[0].Start), even1 = Vector256.Create(inputs[1].Start);
            Vector256<int> even2 = Vector256.Create(inputs[2].Start), even3 = Vector256.Create(inputs[3].Start);
            Vector256<int> odd0 = default, odd1 = default, odd2 = default, odd3 = default;
            for (byte* end = levels + (panel.BlockSteps * PanelStepBytes); levels < end; levels += 2 * PanelStepBytes, x += 2 * TileStepBytes)
            {
                Vector256<byte> even = Vector256.Load(levels), odd = Vector256.Load(levels + PanelStepBytes);
                even0 = Dot(even0, even, x);
                even1 = Dot(even1, even, x + StepBytes);
                even2 = Dot(even2, even, x + (2 * StepBytes));
                even3 = Dot(even3, even, x + (3 * StepBytes));
                odd0 = Dot(odd0, odd, x + TileStepBytes);
                odd1 = Dot(odd1, odd, x + TileStepBytes + StepBytes);
                odd2 = Dot(odd2, odd, x + TileStepBytes + (2 * StepBytes));
                odd3 = Dot(odd3, odd, x + TileStepBytes + (3 * StepBytes));
            }

            AddBlock(even0 + odd0, inputs[0].Scale, constants, sums);
            AddBlock(even1 + odd1, inputs[1].Scale, constants, sums + RowLaneBlock.PanelRows);
            AddBlock(even2 + odd2, inputs[2].Scale, constants, sums + (2 * RowLaneBlock.PanelRows));
            AddBlock(even3 + odd3, inputs[3].Scale, constants, sums + (3 * RowLaneBlock.PanelRows));
            constants += RowLaneBlock.PanelRows;
            inputs += Int8Inputs.TallRows;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddStep(
        Vector256<byte> low, Vector256<byte> middle, Vector256<byte> high, byte* x, ref Vector256<int> lowDot, ref Vector256<int> middleDot, ref Vector256<int> highDot)
    {
        Vector256<sbyte> input = Vector256.Create(*(int*)x).AsSByte();
        lowDot = AvxVnni.MultiplyWideningAndAdd(lowDot, low, input);
        middleDot = AvxVnni.MultiplyWideningAndAdd(middleDot, middle, input);
        highDot = AvxVnni.MultiplyWideningAndAdd(highDot, high, input);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Dot(Vector256<int> dot, Vector256<byte> levels, byte* x) =>
        AvxVnni.MultiplyWideningAndAdd(dot, levels, Vector256.Create(*(int*)x).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(Vector256<int> low, Vector256<int> middle, Vector256<int> high, float scale, float* constants, float* sums)
    {
        AddBlock(low, scale, constants, sums);
        AddBlock(middle, scale, constants + Lanes, sums + Lanes);
        AddBlock(high, scale, constants + (2 * Lanes), sums + (2 * Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddBlock(Vector256<int> dot, float scale, float* constants, float* sums) =>
        Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(dot), Vector256.Load(constants) * scale, Vector256.Load(sums)).Store(sums);
}
