using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// One input row, or four, and evenly spaced tables, with AVX2: a quad of columns of 8 rows, half a row group, at a time, by
/// <see cref="UniformWords256{TWidth}"/>. A register of floats meets two inputs; a row's lanes are added at the end of a segment.
/// </summary>
/// <remarks>
/// <code>
/// inputs of a quad: | row 0: x0 x2 x1 x3 | row 1: ... |    even columns meet | x0 x2 | x0 x2 | x0 x2 | x0 x2 |, odd ones x1, x3
/// </code>
/// </remarks>
internal static unsafe class UniformGemv256<TWidth>
    where TWidth : struct, ICodeWidth
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int HalfLanes = Lanes / 2;
    private const int HalfBytes = HalfLanes * sizeof(uint);
    private const int Halves = 2;
    private const int Groups = 4;
    private const int BlockLanes = Groups * Lanes;
    private const int QuadColumns = RowLaneLayout.QuadColumns;

    /// <summary>Input rows of <see cref="Gemv4"/>.</summary>
    public const int Rows = PanelBlocking.ShortRows;

    /// <summary>An input row in the order of the loops.</summary>
    /// <param name="x">Inputs.</param>
    /// <param name="columns">How many, a multiple of 32.</param>
    /// <param name="arranged">Receives the first quad.</param>
    /// <param name="rows">Input rows side by side: a quad of each, then the next.</param>
    public static void Arrange(float* x, int columns, float* arranged, int rows)
    {
        for (int column = 0; column < columns; column += QuadColumns)
            Avx.Permute(Vector128.Load(x + column), 0b11_01_10_00).Store(arranged + ((long)column * rows));
    }

    /// <summary>As <see cref="IRowLaneOperations.Gemv"/>, of arranged inputs.</summary>
    public static void Gemv(in RowLaneBlock block, float* x, float* y)
    {
        for (int group = 0; group < Groups; group++)
            GemvGroup(block, group, x, y + (group * Lanes));
    }

    /// <summary>The same of four input rows; y is [4][64].</summary>
    public static void Gemv4(in RowLaneBlock block, float* x, float* y)
    {
        for (int group = 0; group < Groups; group++)
            GemvGroup4(block, group, x, y + (group * Lanes));
    }

    [MethodImpl(InnerLoop.Options)]
    private static void GemvGroup(in RowLaneBlock block, int group, float* x, float* y)
    {
        byte* codes = block.Codes + block.GroupBytes(group);
        float* constants = block.Constants + block.GroupConstants(group);
        var levels = UniformWords256<TWidth>.Of(block.Uniform);
        Vector256<float> step = Vector256.Create(block.Uniform.Step);
        Vector256<float> sum0 = Vector256.Load(y), sum1 = Vector256.Load(y + HalfLanes);
        for (int segment = block.Segments; segment > 0; segment--, constants += Lanes)
        {
            Vector256<float> low0 = Vector256<float>.Zero, high0 = low0, low1 = low0, high1 = low0;
            for (int unit = block.UnitsPerSegment; unit > 0; unit--, codes += RowLaneLayout.UnitBytes(TWidth.Bits), x += RowLaneLayout.UnitColumns)
            {
                CodePlanes256<TWidth>.PrefetchAhead(codes);
                AddQuad(levels, codes, 0, x, ref low0, ref high0, ref low1, ref high1);
                AddQuad(levels, codes, 1, x, ref low0, ref high0, ref low1, ref high1);
                AddQuad(levels, codes, 2, x, ref low0, ref high0, ref low1, ref high1);
                AddQuad(levels, codes, 3, x, ref low0, ref high0, ref low1, ref high1);
                AddQuad(levels, codes, 4, x, ref low0, ref high0, ref low1, ref high1);
                AddQuad(levels, codes, 5, x, ref low0, ref high0, ref low1, ref high1);
                AddQuad(levels, codes, 6, x, ref low0, ref high0, ref low1, ref high1);
                AddQuad(levels, codes, 7, x, ref low0, ref high0, ref low1, ref high1);
            }

            // Neighbours are a row's; of each 128 bits, low has rows 0 and 1, high rows 2 and 3.
            sum0 = Vector256.MultiplyAddEstimate(Avx.HorizontalAdd(low0, high0), Vector256.Load(constants) * step, sum0);
            sum1 = Vector256.MultiplyAddEstimate(Avx.HorizontalAdd(low1, high1), Vector256.Load(constants + HalfLanes) * step, sum1);
        }

        sum0.Store(y);
        sum1.Store(y + HalfLanes);
    }

    /// <summary>A segment of one half of the lanes after that of the other: codes come from memory once.</summary>
    [MethodImpl(InnerLoop.Options)]
    private static void GemvGroup4(in RowLaneBlock block, int group, float* x, float* y)
    {
        byte* codes = block.Codes + block.GroupBytes(group);
        float* constants = block.Constants + block.GroupConstants(group);
        var levels = UniformWords256<TWidth>.Of(block.Uniform);
        int segmentBytes = block.UnitsPerSegment * RowLaneLayout.UnitBytes(TWidth.Bits);
        int segmentInputs = block.UnitsPerSegment * RowLaneLayout.UnitColumns * Rows;
        for (int segment = 0; segment < block.Segments; segment++, codes += segmentBytes, x += segmentInputs, constants += Lanes)
        {
            for (int half = 0; half < Halves; half++)
            {
                Vector256<float> low0 = Vector256<float>.Zero, low1 = low0, low2 = low0, low3 = low0;
                Vector256<float> high0 = low0, high1 = low0, high2 = low0, high3 = low0;
                byte* unit = codes + (half * HalfBytes);
                float* input = x;
                for (byte* end = unit + segmentBytes; unit < end; unit += RowLaneLayout.UnitBytes(TWidth.Bits), input += RowLaneLayout.UnitColumns * Rows)
                {
                    if (half == 0)
                        CodePlanes256<TWidth>.PrefetchAhead(unit);
                    AddQuad4(levels, unit, 0, input, ref low0, ref high0, ref low1, ref high1, ref low2, ref high2, ref low3, ref high3);
                    AddQuad4(levels, unit, 1, input, ref low0, ref high0, ref low1, ref high1, ref low2, ref high2, ref low3, ref high3);
                    AddQuad4(levels, unit, 2, input, ref low0, ref high0, ref low1, ref high1, ref low2, ref high2, ref low3, ref high3);
                    AddQuad4(levels, unit, 3, input, ref low0, ref high0, ref low1, ref high1, ref low2, ref high2, ref low3, ref high3);
                    AddQuad4(levels, unit, 4, input, ref low0, ref high0, ref low1, ref high1, ref low2, ref high2, ref low3, ref high3);
                    AddQuad4(levels, unit, 5, input, ref low0, ref high0, ref low1, ref high1, ref low2, ref high2, ref low3, ref high3);
                    AddQuad4(levels, unit, 6, input, ref low0, ref high0, ref low1, ref high1, ref low2, ref high2, ref low3, ref high3);
                    AddQuad4(levels, unit, 7, input, ref low0, ref high0, ref low1, ref high1, ref low2, ref high2, ref low3, ref high3);
                }

                Vector256<float> scale = Vector256.Load(constants + (half * HalfLanes)) * block.Uniform.Step;
                float* sums = y + (half * HalfLanes);
                AddSegment(low0, high0, scale, sums);
                AddSegment(low1, high1, scale, sums + BlockLanes);
                AddSegment(low2, high2, scale, sums + (2 * BlockLanes));
                AddSegment(low3, high3, scale, sums + (3 * BlockLanes));
            }
        }
    }

    /// <summary>A quad of both halves of the group, which share inputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuad(
        in UniformWords256<TWidth> levels, byte* codes, int quad, float* x,
        ref Vector256<float> low0, ref Vector256<float> high0, ref Vector256<float> low1, ref Vector256<float> high1)
    {
        Vector256<float> even = Pair(x + (QuadColumns * quad)), odd = Pair(x + (QuadColumns * quad) + 2);
        levels.Words(CodePlanes256<TWidth>.Quad(codes, quad), out Vector256<uint> words0, out Vector256<uint> words1);
        low0 = Vector256.MultiplyAddEstimate(levels.Even(words0), even, low0);
        high0 = Vector256.MultiplyAddEstimate(levels.Even(words1), even, high0);
        low0 = Vector256.MultiplyAddEstimate(levels.Odd(words0), odd, low0);
        high0 = Vector256.MultiplyAddEstimate(levels.Odd(words1), odd, high0);
        levels.Words(CodePlanes256<TWidth>.Quad(codes + HalfBytes, quad), out words0, out words1);
        low1 = Vector256.MultiplyAddEstimate(levels.Even(words0), even, low1);
        high1 = Vector256.MultiplyAddEstimate(levels.Even(words1), even, high1);
        low1 = Vector256.MultiplyAddEstimate(levels.Odd(words0), odd, low1);
        high1 = Vector256.MultiplyAddEstimate(levels.Odd(words1), odd, high1);
    }

    /// <summary>A quad of four input rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuad4(
        in UniformWords256<TWidth> levels, byte* codes, int quad, float* x,
        ref Vector256<float> low0, ref Vector256<float> high0, ref Vector256<float> low1, ref Vector256<float> high1,
        ref Vector256<float> low2, ref Vector256<float> high2, ref Vector256<float> low3, ref Vector256<float> high3)
    {
        x += quad * Rows * QuadColumns;
        levels.Words(CodePlanes256<TWidth>.Quad(codes, quad), out Vector256<uint> words0, out Vector256<uint> words1);
        Vector256<float> low = levels.Even(words0), high = levels.Even(words1);
        AddPair(low, high, x, ref low0, ref high0);
        AddPair(low, high, x + QuadColumns, ref low1, ref high1);
        AddPair(low, high, x + (2 * QuadColumns), ref low2, ref high2);
        AddPair(low, high, x + (3 * QuadColumns), ref low3, ref high3);
        (low, high) = (levels.Odd(words0), levels.Odd(words1));
        AddPair(low, high, x + 2, ref low0, ref high0);
        AddPair(low, high, x + QuadColumns + 2, ref low1, ref high1);
        AddPair(low, high, x + (2 * QuadColumns) + 2, ref low2, ref high2);
        AddPair(low, high, x + (3 * QuadColumns) + 2, ref low3, ref high3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddPair(Vector256<float> low, Vector256<float> high, float* x, ref Vector256<float> lowSum, ref Vector256<float> highSum)
    {
        Vector256<float> inputs = Pair(x);
        lowSum = Vector256.MultiplyAddEstimate(low, inputs, lowSum);
        highSum = Vector256.MultiplyAddEstimate(high, inputs, highSum);
    }

    /// <summary>Two inputs over and over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Pair(float* x) => Vector256.Create(*(double*)x).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSegment(Vector256<float> low, Vector256<float> high, Vector256<float> scale, float* sums) =>
        Vector256.MultiplyAddEstimate(Avx.HorizontalAdd(low, high), scale, Vector256.Load(sums)).Store(sums);
}
