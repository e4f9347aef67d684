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
    private const int Halves = 2;
    private const int QuadBytes = sizeof(uint);
    private const int HalfBytes = HalfLanes * QuadBytes;
    private const int PanelQuadBytes = RowLaneBlock.PanelRows * QuadBytes;
    private const int GemvGroups = 4;
    private const int TileRows = 4;

    public static bool TakesWords
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWidth.Bits == 8 && !TDot.TakesLargeLevels;
    }

    private static int InputQuadBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TakesWords ? 2 * QuadBytes : QuadBytes;
    }

    public static void Gemv(in Int8Block block, byte* x, Int8InputBlock* inputs, float* y)
    {
        for (int group = 0; group < GemvGroups; group++)
            GemvGroup(block, group, x, inputs, y + (group * Lanes));
    }

    public static void DecodePanel(in Int8Block block, int group, int inputBlock, byte* panel)
    {
        int firstUnit = inputBlock * block.InputBlockUnits;
        for (int half = 0; half < Halves; half++)
        {
            byte* codes = block.Groups.Codes + block.Groups.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits)) + (half * HalfBytes);
            byte* to = panel + (half * HalfBytes);
            for (int unit = 0; unit < block.InputBlockUnits; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
            {
                Vector256<uint> low = default, middle = default, high = default;
                for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, to += PanelQuadBytes)
                {
                    CodePlanes256<TWidth>.ToQuad(codes, quad, ref low, ref middle, ref high);
                    Level(block.Levels, low, middle, high).Store(to);
                }
            }
        }
    }

    public static void Multiply4(in Int8Block block, int firstBlock, int blockCount, byte* panel, Int8Inputs x, int firstRow, float* sums)
    {
        for (int i = 0; i < TileRows; i++)
        {
            int row = Math.Min(firstRow + i, x.Rows - 1);
            MultiplyRow(block, firstBlock, blockCount, panel, x.Row(row), x.BlocksOf(row), sums + (i * RowLaneBlock.PanelRows));
        }
    }

    /// <summary>Both halves of a group side by side: neither waits for its last sum.</summary>
    private static void GemvGroup(in Int8Block block, int group, byte* x, Int8InputBlock* inputs, float* y)
    {
        byte* codes = block.Groups.Codes + block.Groups.GroupBytes(group);
        Vector256<float> sum0 = Vector256<float>.Zero, sum1 = sum0;
        for (int inputBlock = 0; inputBlock < block.InputBlocks; inputBlock++)
        {
            Vector256<int> dot0 = Vector256<int>.Zero, dot1 = dot0;
            for (int unit = 0; unit < block.InputBlockUnits; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
            {
                Vector256<uint> low0 = default, low1 = default, middle0 = default, middle1 = default, high0 = default, high1 = default;
                for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, x += InputQuadBytes)
                {
                    CodePlanes256<TWidth>.ToQuad(codes, quad, ref low0, ref middle0, ref high0);
                    CodePlanes256<TWidth>.ToQuad(codes + HalfBytes, quad, ref low1, ref middle1, ref high1);
                    dot0 = AddQuad(Level(block.Levels, low0, middle0, high0), x, dot0);
                    dot1 = AddQuad(Level(block.Levels, low1, middle1, high1), x, dot1);
                }
            }

            sum0 = AddBlock(block, group, 0, inputBlock, dot0, inputs[inputBlock], sum0);
            sum1 = AddBlock(block, group, 1, inputBlock, dot1, inputs[inputBlock], sum1);
        }

        sum0.Store(y);
        sum1.Store(y + HalfLanes);
    }

    /// <summary>One input row times the panel's four quarters.</summary>
    private static void MultiplyRow(in Int8Block block, int firstBlock, int blockCount, byte* panel, byte* x, Int8InputBlock* inputs, float* sums)
    {
        int quads = block.InputBlockColumns / QuadBytes;
        x += (long)firstBlock * quads * InputQuadBytes;
        for (int inputBlock = firstBlock; inputBlock < firstBlock + blockCount; inputBlock++)
        {
            Vector256<int> dot0 = Vector256<int>.Zero, dot1 = dot0, dot2 = dot0, dot3 = dot0;
            for (int quad = 0; quad < quads; quad++, panel += PanelQuadBytes, x += InputQuadBytes)
            {
                dot0 = AddQuad(Vector256.Load(panel), x, dot0);
                dot1 = AddQuad(Vector256.Load(panel + HalfBytes), x, dot1);
                dot2 = AddQuad(Vector256.Load(panel + (2 * HalfBytes)), x, dot2);
                dot3 = AddQuad(Vector256.Load(panel + (3 * HalfBytes)), x, dot3);
            }

            Int8InputBlock input = inputs[inputBlock];
            AddBlock(block, 0, 0, inputBlock, dot0, input, Vector256.Load(sums)).Store(sums);
            AddBlock(block, 0, 1, inputBlock, dot1, input, Vector256.Load(sums + HalfLanes)).Store(sums + HalfLanes);
            AddBlock(block, 1, 0, inputBlock, dot2, input, Vector256.Load(sums + Lanes)).Store(sums + Lanes);
            AddBlock(block, 1, 1, inputBlock, dot3, input, Vector256.Load(sums + Lanes + HalfLanes)).Store(sums + Lanes + HalfLanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Level(byte* levels, Vector256<uint> low, Vector256<uint> middle, Vector256<uint> high)
    {
        Vector256<byte> codes = CodePlanes256<TWidth>.QuadCodes(low, middle, high);
        return TLookup.IsUsed ? Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(levels), codes) : codes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> AddQuad(Vector256<byte> level, byte* x, Vector256<int> dot)
    {
        Vector256<int> input = Vector256.Create(*(int*)x);
        if (!TakesWords)
            return TDot.Add(dot, level, input.AsSByte());
        // Bytes 0 and 2 of a dword as words, then bytes 1 and 3.
        Vector256<short> even = (level.AsUInt16() & Vector256.Create((ushort)0xFF)).AsInt16();
        Vector256<short> odd = (level.AsUInt16() >>> 8).AsInt16();
        return dot + Avx2.MultiplyAddAdjacent(even, input.AsInt16()) + Avx2.MultiplyAddAdjacent(odd, Vector256.Create(((int*)x)[1]).AsInt16());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> AddBlock(in Int8Block block, int group, int half, int inputBlock, Vector256<int> dot, Int8InputBlock input, Vector256<float> sum)
    {
        long at = block.ConstantsAt(group, inputBlock) + (half * HalfLanes);
        Vector256<float> difference = Vector256.ConvertToSingle(dot) - Vector256.Create(input.ZeroTerm);
        Vector256<float> constants = Vector256.Load(block.Groups.Constants + at) * Vector256.Create(input.ScaledStep);
        sum = Vector256.MultiplyAddEstimate(difference, constants, sum);
        return block.Groups.Offsets is null ? sum
            : Vector256.MultiplyAddEstimate(Vector256.Create(input.ScaledSum), Vector256.Load(block.Groups.Offsets + at), sum);
    }
}
