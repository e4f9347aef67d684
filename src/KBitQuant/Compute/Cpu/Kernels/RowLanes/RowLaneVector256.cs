using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Exact products from <see cref="RowLaneLayout"/> on vectors of 8 lanes: a quad of columns of 8 rows, half a row group, at a time. How its
/// codes become floats is <typeparamref name="TLookup"/>'s.
/// </summary>
internal sealed unsafe class RowLaneVector256<TWidth, TLookup> : IRowLaneOperations
    where TWidth : struct, ICodeWidth
    where TLookup : struct, IQuadLookup256<TLookup>
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int HalfLanes = Lanes / 2;
    private const int HalfBytes = HalfLanes * sizeof(uint);
    private const int QuadLength = RowLaneLayout.QuadColumns * RowLaneBlock.PanelRows;
    private const int CacheLine = 64;
    private const int PrefetchDistance = 2048;
    private const int Groups = 4;
    private const int Halves = 2;

    public static int GemvGroups => Groups;

    public static void Gemv(in RowLaneBlock block, float* x, float* y)
    {
        for (int group = 0; group < Groups; group++)
            GemvGroup(block, group, x, y + (group * Lanes));
    }

    public static void DecodePanel(in RowLaneBlock block, int group, int firstUnit, int unitCount, float* panel)
    {
        for (int half = 0; half < Halves; half++)
            DecodeHalf(block, group, half, firstUnit, unitCount, panel + (half * HalfLanes));
    }

    /// <summary>A segment of one half of the lanes after that of the other: codes come from memory once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GemvGroup(in RowLaneBlock block, int group, float* x, float* y)
    {
        TLookup lookup = TLookup.Of(block);
        byte* codes = block.Codes + block.GroupBytes(group);
        float* constants = block.Constants + block.GroupConstants(group);
        int segmentBytes = block.UnitsPerSegment * RowLaneLayout.UnitBytes(TWidth.Bits);
        int segmentColumns = block.UnitsPerSegment * RowLaneLayout.UnitColumns;
        for (int segment = 0; segment < block.Segments; segment++, codes += segmentBytes, x += segmentColumns, constants += Lanes)
        {
            for (int half = 0; half < Halves; half++)
            {
                // A sum for each vector of a quad: a multiply-add need not wait for the one before.
                Vector256<float> part0 = Vector256<float>.Zero, part1 = part0, part2 = part0, part3 = part0;
                byte* unit = codes + (half * HalfBytes);
                float* input = x;
                for (byte* end = unit + segmentBytes; unit < end; unit += RowLaneLayout.UnitBytes(TWidth.Bits), input += RowLaneLayout.UnitColumns)
                {
                    if (half == 0)
                        Prefetch(unit + PrefetchDistance);
                    AddHalfUnit(lookup, unit, 0, input, ref part0, ref part1, ref part2, ref part3);
                    AddHalfUnit(lookup, unit, 1, input, ref part0, ref part1, ref part2, ref part3);
                }

                float* sums = y + (half * HalfLanes);
                Vector256<float> scale = TLookup.Scale(block, Vector256.Load(constants + (half * HalfLanes)));
                Vector256.MultiplyAddEstimate(Sum(part0, part1, part2, part3), scale, Vector256.Load(sums)).Store(sums);
            }
        }
    }

    /// <summary>The codes of a unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* unit)
    {
        if (!Sse.IsSupported)
            return;
        for (int line = 0; line < RowLaneLayout.UnitBytes(TWidth.Bits); line += CacheLine)
            Sse.Prefetch0(unit + line);
    }

    /// <summary>Four of a unit's quads, written out: each has other shifts, and the compiler unrolls no such loop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddHalfUnit(
        TLookup lookup, byte* unit, int half, float* x, ref Vector256<float> part0, ref Vector256<float> part1, ref Vector256<float> part2, ref Vector256<float> part3)
    {
        Add(lookup, unit, 4 * half, x, ref part0, ref part1, ref part2, ref part3);
        Add(lookup, unit, (4 * half) + 1, x, ref part0, ref part1, ref part2, ref part3);
        Add(lookup, unit, (4 * half) + 2, x, ref part0, ref part1, ref part2, ref part3);
        Add(lookup, unit, (4 * half) + 3, x, ref part0, ref part1, ref part2, ref part3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        TLookup lookup, byte* unit, int quad, float* x, ref Vector256<float> part0, ref Vector256<float> part1, ref Vector256<float> part2, ref Vector256<float> part3)
    {
        x += quad * RowLaneLayout.QuadColumns;
        lookup.Levels(CodePlanes256<TWidth>.Quad(unit, quad), out Vector256<float> levels0, out Vector256<float> levels1, out Vector256<float> levels2, out Vector256<float> levels3);
        Vector256<float> input0, input1, input2, input3;
        if (TLookup.KeepsOrder)
            input0 = input1 = input2 = input3 = Avx.BroadcastVector128ToVector256(x);
        else
            (input0, input1, input2, input3) = (Vector256.Create(x[0]), Vector256.Create(x[1]), Vector256.Create(x[2]), Vector256.Create(x[3]));
        part0 = Vector256.MultiplyAddEstimate(levels0, input0, part0);
        part1 = Vector256.MultiplyAddEstimate(levels1, input1, part1);
        part2 = Vector256.MultiplyAddEstimate(levels2, input2, part2);
        part3 = Vector256.MultiplyAddEstimate(levels3, input3, part3);
    }

    /// <summary>A sum for each row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Sum(Vector256<float> part0, Vector256<float> part1, Vector256<float> part2, Vector256<float> part3) =>
        TLookup.KeepsOrder ? Avx.HorizontalAdd(Avx.HorizontalAdd(part0, part1), Avx.HorizontalAdd(part2, part3)) : (part0 + part1) + (part2 + part3);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeHalf(in RowLaneBlock block, int group, int half, int firstUnit, int unitCount, float* panel)
    {
        TLookup lookup = TLookup.Of(block);
        byte* codes = block.Codes + block.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits)) + (half * HalfBytes);
        for (int unit = firstUnit; unit < firstUnit + unitCount; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits), panel += RowLaneLayout.UnitQuads * QuadLength)
        {
            // The next slice: it arrives while this one is multiplied.
            if (half == 0)
                Prefetch(codes + ((long)unitCount * RowLaneLayout.UnitBytes(TWidth.Bits)));
            long lane = block.GroupConstants(group) + ((long)(unit / block.UnitsPerSegment) * Lanes) + (half * HalfLanes);
            Vector256<float> constants = TLookup.Scale(block, Vector256.Load(block.Constants + lane));
            Vector256<float> offsets = block.Offsets is null ? Vector256<float>.Zero : Vector256.Load(block.Offsets + lane);
            Decode(lookup, codes, 0, constants, offsets, panel);
            Decode(lookup, codes, 1, constants, offsets, panel);
            Decode(lookup, codes, 2, constants, offsets, panel);
            Decode(lookup, codes, 3, constants, offsets, panel);
            Decode(lookup, codes, 4, constants, offsets, panel);
            Decode(lookup, codes, 5, constants, offsets, panel);
            Decode(lookup, codes, 6, constants, offsets, panel);
            Decode(lookup, codes, 7, constants, offsets, panel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Decode(TLookup lookup, byte* unit, int quad, Vector256<float> constants, Vector256<float> offsets, float* panel)
    {
        Vector256<byte> codes = CodePlanes256<TWidth>.Quad(unit, quad);
        lookup.Levels(TLookup.KeepsOrder ? Transpose(codes) : codes, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3);
        panel += quad * QuadLength;
        Vector256.MultiplyAddEstimate(column0, constants, offsets).Store(panel);
        Vector256.MultiplyAddEstimate(column1, constants, offsets).Store(panel + RowLaneBlock.PanelRows);
        Vector256.MultiplyAddEstimate(column2, constants, offsets).Store(panel + (2 * RowLaneBlock.PanelRows));
        Vector256.MultiplyAddEstimate(column3, constants, offsets).Store(panel + (3 * RowLaneBlock.PanelRows));
    }

    /// <summary>The bytes of a column together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Transpose(Vector256<byte> codes) => Avx2.Shuffle(codes, Vector256.Create(
        (byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
}
