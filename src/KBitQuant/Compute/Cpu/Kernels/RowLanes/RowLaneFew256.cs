using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Eight input rows and looked-up tables without a panel, on vectors of 8 lanes: a column of 8 rows of weights, half a row group, meets an
/// input of each row as soon as it is decoded. Eight sums, four columns and an input fit 16 registers.
/// </summary>
internal static unsafe class RowLaneFew256<TWidth, TLookup>
    where TWidth : struct, ICodeWidth
    where TLookup : struct, IQuadLookup256<TLookup>
{
    /// <summary>Input rows.</summary>
    public const int Rows = 8;

    private const int QuadColumns = RowLaneLayout.QuadColumns;
    private const int Lanes = RowLaneLayout.Lanes;
    private const int HalfLanes = Lanes / 2;
    private const int HalfBytes = HalfLanes * sizeof(uint);
    private const int Halves = 2;
    private const int Groups = 4;
    private const int BlockLanes = Groups * Lanes;

    /// <summary>An input row in the order of the loop.</summary>
    /// <param name="x">Inputs.</param>
    /// <param name="columns">How many, a multiple of 32.</param>
    /// <param name="arranged">Receives the first quad.</param>
    /// <param name="rows">Input rows side by side: a quad of each, then the next.</param>
    public static void Arrange(float* x, int columns, float* arranged, int rows)
    {
        for (int column = 0; column < columns; column += QuadColumns)
            Vector128.Load(x + column).Store(arranged + ((long)column * rows));
    }

    /// <summary>As <see cref="IRowLaneOperations.Gemv"/>, of eight arranged input rows; y is [8][64].</summary>
    public static void Gemv(in RowLaneBlock block, float* x, float* y)
    {
        for (int group = 0; group < Groups; group++)
            GemvGroup(block, group, x, y + (group * Lanes));
    }

    /// <summary>A segment of one half of the lanes after that of the other: codes come from memory once.</summary>
    [MethodImpl(InnerLoop.Options)]
    private static void GemvGroup(in RowLaneBlock block, int group, float* x, float* y)
    {
        TLookup lookup = TLookup.Of(block);
        byte* buffer = stackalloc byte[CodePlanes256<TWidth>.UnpackedBytes];
        byte* codes = block.Codes + block.GroupBytes(group);
        float* constants = block.Constants + block.GroupConstants(group);
        int segmentBytes = block.UnitsPerSegment * RowLaneLayout.UnitBytes(TWidth.Bits);
        int segmentInputs = block.UnitsPerSegment * RowLaneLayout.UnitColumns * Rows;
        for (int segment = 0; segment < block.Segments; segment++, codes += segmentBytes, x += segmentInputs, constants += Lanes)
        {
            for (int half = 0; half < Halves; half++)
            {
                Vector256<float> sum0 = Vector256<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0, sum4 = sum0, sum5 = sum0, sum6 = sum0, sum7 = sum0;
                byte* unit = codes + (half * HalfBytes);
                float* input = x;
                for (byte* end = unit + segmentBytes; unit < end; unit += RowLaneLayout.UnitBytes(TWidth.Bits), input += RowLaneLayout.UnitColumns * Rows)
                {
                    if (half == 0)
                        CodePlanes256<TWidth>.PrefetchAhead(unit);
                    byte* quads = CodePlanes256<TWidth>.Unpack(unit, buffer);
                    for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, quads += CodePlanes256<TWidth>.QuadStride)
                        AddQuad(lookup, quads, input + (quad * QuadColumns * Rows), ref sum0, ref sum1, ref sum2, ref sum3, ref sum4, ref sum5, ref sum6, ref sum7);
                }

                float* sums = y + (half * HalfLanes);
                Vector256<float> scale = TLookup.Scale(block, Vector256.Load(constants + (half * HalfLanes)));
                AddSegment(sum0, scale, sums);
                AddSegment(sum1, scale, sums + BlockLanes);
                AddSegment(sum2, scale, sums + (2 * BlockLanes));
                AddSegment(sum3, scale, sums + (3 * BlockLanes));
                AddSegment(sum4, scale, sums + (4 * BlockLanes));
                AddSegment(sum5, scale, sums + (5 * BlockLanes));
                AddSegment(sum6, scale, sums + (6 * BlockLanes));
                AddSegment(sum7, scale, sums + (7 * BlockLanes));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuad(
        TLookup lookup, byte* codes, float* x,
        ref Vector256<float> sum0, ref Vector256<float> sum1, ref Vector256<float> sum2, ref Vector256<float> sum3,
        ref Vector256<float> sum4, ref Vector256<float> sum5, ref Vector256<float> sum6, ref Vector256<float> sum7)
    {
        lookup.Levels(codes, byColumn: true, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3);
        AddColumn(column0, x, ref sum0, ref sum1, ref sum2, ref sum3, ref sum4, ref sum5, ref sum6, ref sum7);
        AddColumn(column1, x + 1, ref sum0, ref sum1, ref sum2, ref sum3, ref sum4, ref sum5, ref sum6, ref sum7);
        AddColumn(column2, x + 2, ref sum0, ref sum1, ref sum2, ref sum3, ref sum4, ref sum5, ref sum6, ref sum7);
        AddColumn(column3, x + 3, ref sum0, ref sum1, ref sum2, ref sum3, ref sum4, ref sum5, ref sum6, ref sum7);
    }

    /// <summary>A column with an input of each row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddColumn(
        Vector256<float> column, float* x,
        ref Vector256<float> sum0, ref Vector256<float> sum1, ref Vector256<float> sum2, ref Vector256<float> sum3,
        ref Vector256<float> sum4, ref Vector256<float> sum5, ref Vector256<float> sum6, ref Vector256<float> sum7)
    {
        sum0 = Vector256.MultiplyAddEstimate(column, Vector256.Create(x[0]), sum0);
        sum1 = Vector256.MultiplyAddEstimate(column, Vector256.Create(x[QuadColumns]), sum1);
        sum2 = Vector256.MultiplyAddEstimate(column, Vector256.Create(x[2 * QuadColumns]), sum2);
        sum3 = Vector256.MultiplyAddEstimate(column, Vector256.Create(x[3 * QuadColumns]), sum3);
        sum4 = Vector256.MultiplyAddEstimate(column, Vector256.Create(x[4 * QuadColumns]), sum4);
        sum5 = Vector256.MultiplyAddEstimate(column, Vector256.Create(x[5 * QuadColumns]), sum5);
        sum6 = Vector256.MultiplyAddEstimate(column, Vector256.Create(x[6 * QuadColumns]), sum6);
        sum7 = Vector256.MultiplyAddEstimate(column, Vector256.Create(x[7 * QuadColumns]), sum7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSegment(Vector256<float> sum, Vector256<float> scale, float* sums) =>
        Vector256.MultiplyAddEstimate(sum, scale, Vector256.Load(sums)).Store(sums);
}
