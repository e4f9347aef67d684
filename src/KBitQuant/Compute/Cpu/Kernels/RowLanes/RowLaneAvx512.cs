using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Reads the codes of <see cref="RowLaneLayout"/> with AVX-512: a vector is one column of 16 rows. The current dwords of the planes
/// stay in registers and move on by one field a column; where planes join, one ternary-logic operation merges them. What lies above
/// the k bits of a code is left in place: permutations do not look at it, and tables shorter than 16 entries are repeated.
/// </summary>
internal sealed unsafe class RowLaneAvx512<TWidth> : IRowLaneOperations
    where TWidth : struct, ICodeWidth
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int VectorBytes = 64;

    public static void Gemv(in RowLaneBlock block, float* x, float* blockSums, float* y)
    {
        byte* codes0 = block.Codes;
        byte* codes1 = codes0 + block.GroupBytes(1);
        byte* codes2 = codes0 + block.GroupBytes(2);
        byte* codes3 = codes0 + block.GroupBytes(3);
        Vector512<float> sum0 = Vector512<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
        Vector512<float> entries = Avx512F.LoadVector512(block.Table);
        float* constants = block.Constants;
        float* offsets = block.Offsets;
        int unitBytes = RowLaneLayout.UnitBytes(TWidth.Bits);
        for (int segment = 0; segment < block.Segments; segment++, constants += Lanes)
        {
            // Products without the constant; it is applied once a segment.
            Vector512<float> part0 = Vector512<float>.Zero, part1 = part0, part2 = part0, part3 = part0;
            for (int unit = 0; unit < block.UnitsPerSegment; unit++)
            {
                Vector512<uint> b0 = default, b1 = default, b2 = default, b3 = default, c0 = default, c1 = default, c2 = default, c3 = default;
                for (int dword = 0; dword < TWidth.LowBits; dword++)
                {
                    Vector512<uint> a0 = Load(codes0, dword), a1 = Load(codes1, dword), a2 = Load(codes2, dword), a3 = Load(codes3, dword);
                    LoadUpper(codes0, dword, ref b0, ref c0);
                    LoadUpper(codes1, dword, ref b1, ref c1);
                    LoadUpper(codes2, dword, ref b2, ref c2);
                    LoadUpper(codes3, dword, ref b3, ref c3);
                    for (int field = 0; field < 32 / TWidth.LowBits; field++, x++)
                    {
                        Vector512<float> input = Vector512.Create(*x);
                        part0 = Avx512F.FusedMultiplyAdd(Entry(block.Table, entries, Next(ref a0, ref b0, ref c0)), input, part0);
                        part1 = Avx512F.FusedMultiplyAdd(Entry(block.Table, entries, Next(ref a1, ref b1, ref c1)), input, part1);
                        part2 = Avx512F.FusedMultiplyAdd(Entry(block.Table, entries, Next(ref a2, ref b2, ref c2)), input, part2);
                        part3 = Avx512F.FusedMultiplyAdd(Entry(block.Table, entries, Next(ref a3, ref b3, ref c3)), input, part3);
                    }
                }

                codes0 += unitBytes;
                codes1 += unitBytes;
                codes2 += unitBytes;
                codes3 += unitBytes;
            }

            sum0 = Avx512F.FusedMultiplyAdd(part0, Avx512F.LoadVector512(constants), sum0);
            sum1 = Avx512F.FusedMultiplyAdd(part1, Avx512F.LoadVector512(constants + block.GroupConstants(1)), sum1);
            sum2 = Avx512F.FusedMultiplyAdd(part2, Avx512F.LoadVector512(constants + block.GroupConstants(2)), sum2);
            sum3 = Avx512F.FusedMultiplyAdd(part3, Avx512F.LoadVector512(constants + block.GroupConstants(3)), sum3);
            if (offsets is not null)
            {
                Vector512<float> inputs = Vector512.Create(blockSums[segment]);
                sum0 = Avx512F.FusedMultiplyAdd(inputs, Avx512F.LoadVector512(offsets), sum0);
                sum1 = Avx512F.FusedMultiplyAdd(inputs, Avx512F.LoadVector512(offsets + block.GroupConstants(1)), sum1);
                sum2 = Avx512F.FusedMultiplyAdd(inputs, Avx512F.LoadVector512(offsets + block.GroupConstants(2)), sum2);
                sum3 = Avx512F.FusedMultiplyAdd(inputs, Avx512F.LoadVector512(offsets + block.GroupConstants(3)), sum3);
                offsets += Lanes;
            }
        }

        sum0.Store(y);
        sum1.Store(y + Lanes);
        sum2.Store(y + (2 * Lanes));
        sum3.Store(y + (3 * Lanes));
    }

    public static void DecodePanel(in RowLaneBlock block, int group, int firstUnit, int unitCount, float* panel)
    {
        byte* codes = block.Codes + block.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits));
        Vector512<float> entries = Avx512F.LoadVector512(block.Table);
        for (int unit = firstUnit; unit < firstUnit + unitCount; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
        {
            long segment = block.GroupConstants(group) + ((long)(unit / block.UnitsPerSegment) * Lanes);
            Vector512<float> constants = Avx512F.LoadVector512(block.Constants + segment);
            Vector512<float> offsets = block.Offsets is null ? Vector512<float>.Zero : Avx512F.LoadVector512(block.Offsets + segment);
            Vector512<uint> b = default, c = default;
            for (int dword = 0; dword < TWidth.LowBits; dword++)
            {
                Vector512<uint> a = Load(codes, dword);
                LoadUpper(codes, dword, ref b, ref c);
                for (int field = 0; field < 32 / TWidth.LowBits; field++, panel += RowLaneBlock.PanelRows)
                    Avx512F.FusedMultiplyAdd(Entry(block.Table, entries, Next(ref a, ref b, ref c)), constants, offsets).Store(panel);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Load(byte* codes, int dword) => Avx512F.LoadVector512((uint*)(codes + (dword * VectorBytes)));

    /// <summary>Loads the upper planes' next dwords where the low plane's dword is the first of theirs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadUpper(byte* codes, int dword, ref Vector512<uint> middle, ref Vector512<uint> high)
    {
        if (TWidth.MiddleBits == 0)
            return;
        int dwordsEach = TWidth.LowBits / TWidth.MiddleBits;
        if (dword % dwordsEach == 0)
            middle = Load(codes, TWidth.LowBits + (dword / dwordsEach));
        if (TWidth.HasHighPlane && dword == 0)
            high = Load(codes, TWidth.LowBits + TWidth.MiddleBits);
    }

    /// <summary>The codes of the current column, with other bits above them, and on to the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Next(ref Vector512<uint> low, ref Vector512<uint> middle, ref Vector512<uint> high)
    {
        Vector512<uint> code = low;
        low = NextField(low);
        if (TWidth.MiddleBits > 0)
        {
            Vector512<uint> upper = middle;
            middle = TWidth.MiddleBits == 1 ? Avx512F.RotateRight(middle, 1) : Avx512F.RotateRight(middle, 2);
            if (TWidth.HasHighPlane)
            {
                upper = Vector512.ConditionalSelect(Vector512.Create(0x3Fu), upper, high);
                high = Avx512F.RotateRight(high, 1);
            }

            code = Vector512.ConditionalSelect(Vector512.Create((1u << TWidth.LowBits) - 1), code, upper);
        }

        return code.AsInt32();
    }

    /// <summary>Shifts by a literal: a count the compiler does not see as constant early goes through a register, at twice the cost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> NextField(Vector512<uint> dwords) => TWidth.LowBits switch
    {
        2 => dwords >>> 2,
        4 => dwords >>> 4,
        _ => dwords >>> 8,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Entry(float* table, Vector512<float> entries, Vector512<int> code) => TWidth.Bits switch
    {
        <= 4 => Avx512F.PermuteVar16x32(entries, code),
        5 => RegisterTable.Lookup32(table, code),
        6 => RegisterTable.Lookup64(table, code),
        7 => RegisterTable.Lookup128(table, code),
        _ => RegisterTable.Lookup256(table, code),
    };
}
