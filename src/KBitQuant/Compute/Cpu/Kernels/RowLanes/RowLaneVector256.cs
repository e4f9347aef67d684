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
    where TLookup : struct, IQuadLookup256
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int HalfLanes = Lanes / 2;
    private const int HalfBytes = HalfLanes * sizeof(uint);
    private const int QuadLength = RowLaneLayout.QuadColumns * RowLaneBlock.PanelRows;
    private const int CacheLine = 64;
    private const int PrefetchDistance = 2048;
    private const int Groups = 4;
    private const int Halves = 2;

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
        byte* scratch = stackalloc byte[Vector256<byte>.Count];
        byte* codes = block.Codes + block.GroupBytes(group);
        float* constants = block.Constants + block.GroupConstants(group);
        int segmentBytes = block.UnitsPerSegment * RowLaneLayout.UnitBytes(TWidth.Bits);
        int segmentColumns = block.UnitsPerSegment * RowLaneLayout.UnitColumns;
        for (int segment = 0; segment < block.Segments; segment++, codes += segmentBytes, x += segmentColumns, constants += Lanes)
        {
            for (int half = 0; half < Halves; half++)
            {
                // A sum for each column of the quads: a multiply-add need not wait for the one before.
                Vector256<float> part0 = Vector256<float>.Zero, part1 = part0, part2 = part0, part3 = part0;
                byte* unit = codes + (half * HalfBytes);
                float* input = x;
                for (byte* end = unit + segmentBytes; unit < end; unit += RowLaneLayout.UnitBytes(TWidth.Bits))
                {
                    if (half == 0)
                        Prefetch(unit);
                    for (int quads = 0; quads < 2; quads++, input += UnitPlanes256<TWidth>.Quads * RowLaneLayout.QuadColumns)
                    {
                        UnitPlanes256<TWidth> planes = new(unit, quads);
                        Add(block, planes.Codes(0), scratch, input, ref part0, ref part1, ref part2, ref part3);
                        Add(block, planes.Codes(1), scratch, input + 4, ref part0, ref part1, ref part2, ref part3);
                        Add(block, planes.Codes(2), scratch, input + 8, ref part0, ref part1, ref part2, ref part3);
                        Add(block, planes.Codes(3), scratch, input + 12, ref part0, ref part1, ref part2, ref part3);
                    }
                }

                float* sums = y + (half * HalfLanes);
                Vector256<float> scale = TLookup.Scale(block, Vector256.Load(constants + (half * HalfLanes)));
                Vector256.MultiplyAddEstimate((part0 + part1) + (part2 + part3), scale, Vector256.Load(sums)).Store(sums);
            }
        }
    }

    /// <summary>The codes of a later unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* unit)
    {
        if (!Sse.IsSupported)
            return;
        for (int line = 0; line < RowLaneLayout.UnitBytes(TWidth.Bits); line += CacheLine)
            Sse.Prefetch0(unit + PrefetchDistance + line);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(in RowLaneBlock block, Vector256<byte> codes, byte* scratch, float* x, ref Vector256<float> part0, ref Vector256<float> part1, ref Vector256<float> part2, ref Vector256<float> part3)
    {
        TLookup.Levels(block, codes, scratch, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3);
        part0 = Vector256.MultiplyAddEstimate(column0, Vector256.Create(x[0]), part0);
        part1 = Vector256.MultiplyAddEstimate(column1, Vector256.Create(x[1]), part1);
        part2 = Vector256.MultiplyAddEstimate(column2, Vector256.Create(x[2]), part2);
        part3 = Vector256.MultiplyAddEstimate(column3, Vector256.Create(x[3]), part3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeHalf(in RowLaneBlock block, int group, int half, int firstUnit, int unitCount, float* panel)
    {
        byte* scratch = stackalloc byte[Vector256<byte>.Count];
        byte* codes = block.Codes + block.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits)) + (half * HalfBytes);
        for (int unit = firstUnit; unit < firstUnit + unitCount; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
        {
            long lane = block.GroupConstants(group) + ((long)(unit / block.UnitsPerSegment) * Lanes) + (half * HalfLanes);
            Vector256<float> constants = TLookup.Scale(block, Vector256.Load(block.Constants + lane));
            Vector256<float> offsets = block.Offsets is null ? Vector256<float>.Zero : Vector256.Load(block.Offsets + lane);
            for (int quads = 0; quads < 2; quads++, panel += UnitPlanes256<TWidth>.Quads * QuadLength)
            {
                UnitPlanes256<TWidth> planes = new(codes, quads);
                Decode(block, planes.Codes(0), scratch, constants, offsets, panel);
                Decode(block, planes.Codes(1), scratch, constants, offsets, panel + QuadLength);
                Decode(block, planes.Codes(2), scratch, constants, offsets, panel + (2 * QuadLength));
                Decode(block, planes.Codes(3), scratch, constants, offsets, panel + (3 * QuadLength));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Decode(in RowLaneBlock block, Vector256<byte> codes, byte* scratch, Vector256<float> constants, Vector256<float> offsets, float* panel)
    {
        TLookup.Levels(block, codes, scratch, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3);
        Vector256.MultiplyAddEstimate(column0, constants, offsets).Store(panel);
        Vector256.MultiplyAddEstimate(column1, constants, offsets).Store(panel + RowLaneBlock.PanelRows);
        Vector256.MultiplyAddEstimate(column2, constants, offsets).Store(panel + (2 * RowLaneBlock.PanelRows));
        Vector256.MultiplyAddEstimate(column3, constants, offsets).Store(panel + (3 * RowLaneBlock.PanelRows));
    }
}
