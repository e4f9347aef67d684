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
    private const int QuadBytes = sizeof(uint);
    private const int PanelQuadBytes = RowLaneBlock.PanelRows * QuadBytes;

    public static bool TakesWords => TWidth.Bits == 8;

    private static int InputQuadBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWidth.Bits == 8 ? 2 * QuadBytes : QuadBytes;
    }

    /// <summary>Quads whose words can be summed: a pair is at most 2 * 127 * largest level, a word at most 32767.</summary>
    private static int QuadsPerWord
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLookup.IsUsed || TWidth.Bits >= 7 ? 1 : TWidth.Bits == 6 ? 2 : TWidth.Bits == 5 ? 4 : 8;
    }

    public static void Gemv(in Int8Block block, byte* x, Int8InputBlock* inputs, float* y)
    {
        byte* codes0 = block.Groups.Codes;
        byte* codes1 = codes0 + block.Groups.GroupBytes(1);
        byte* codes2 = codes0 + block.Groups.GroupBytes(2);
        byte* codes3 = codes0 + block.Groups.GroupBytes(3);
        Vector512<byte> levels = Avx512F.BroadcastVector128ToVector512((uint*)block.Levels).AsByte();
        Vector512<float> sum0 = Vector512<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (int inputBlock = 0; inputBlock < block.InputBlocks; inputBlock++)
        {
            Vector512<int> dot0 = Vector512<int>.Zero, dot1 = dot0, dot2 = dot0, dot3 = dot0;
            for (int unit = 0; unit < block.InputBlockUnits; unit++)
            {
                Vector512<uint> low0 = default, low1 = default, low2 = default, low3 = default;
                Vector512<uint> mid0 = default, mid1 = default, mid2 = default, mid3 = default;
                Vector512<uint> top0 = default, top1 = default, top2 = default, top3 = default;
                for (int quad = 0; quad < RowLaneLayout.UnitQuads;)
                {
                    Vector512<short> word0 = default, word1 = default, word2 = default, word3 = default;
                    for (int end = quad + QuadsPerWord; quad < end; quad++, x += InputQuadBytes)
                    {
                        CodePlanes512<TWidth>.ToQuad(codes0, quad, ref low0, ref mid0, ref top0);
                        CodePlanes512<TWidth>.ToQuad(codes1, quad, ref low1, ref mid1, ref top1);
                        CodePlanes512<TWidth>.ToQuad(codes2, quad, ref low2, ref mid2, ref top2);
                        CodePlanes512<TWidth>.ToQuad(codes3, quad, ref low3, ref mid3, ref top3);
                        CodePlanes512<TWidth>.Prefetch(codes0, codes1, codes2, codes3, quad);
                        Vector512<int> input = Vector512.Create(*(int*)x);
                        Vector512<int> odd = TakesWords ? Vector512.Create(((int*)x)[1]) : default;
                        AddQuad(Level(levels, low0, mid0, top0), input, odd, ref word0, ref dot0);
                        AddQuad(Level(levels, low1, mid1, top1), input, odd, ref word1, ref dot1);
                        AddQuad(Level(levels, low2, mid2, top2), input, odd, ref word2, ref dot2);
                        AddQuad(Level(levels, low3, mid3, top3), input, odd, ref word3, ref dot3);
                    }

                    Widen(word0, ref dot0, word1, ref dot1);
                    Widen(word2, ref dot2, word3, ref dot3);
                }

                codes0 += RowLaneLayout.UnitBytes(TWidth.Bits);
                codes1 += RowLaneLayout.UnitBytes(TWidth.Bits);
                codes2 += RowLaneLayout.UnitBytes(TWidth.Bits);
                codes3 += RowLaneLayout.UnitBytes(TWidth.Bits);
            }

            sum0 = AddBlock(block, 0, inputBlock, dot0, inputs[inputBlock], sum0);
            sum1 = AddBlock(block, 1, inputBlock, dot1, inputs[inputBlock], sum1);
            sum2 = AddBlock(block, 2, inputBlock, dot2, inputs[inputBlock], sum2);
            sum3 = AddBlock(block, 3, inputBlock, dot3, inputs[inputBlock], sum3);
        }

        sum0.Store(y);
        sum1.Store(y + Lanes);
        sum2.Store(y + (2 * Lanes));
        sum3.Store(y + (3 * Lanes));
    }

    public static void DecodePanel(in Int8Block block, int group, int inputBlock, byte* panel)
    {
        int firstUnit = inputBlock * block.InputBlockUnits;
        byte* codes = block.Groups.Codes + block.Groups.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits));
        Vector512<byte> levels = Avx512F.BroadcastVector128ToVector512((uint*)block.Levels).AsByte();
        for (int unit = 0; unit < block.InputBlockUnits; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
        {
            Vector512<uint> low = default, mid = default, top = default;
            for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, panel += PanelQuadBytes)
            {
                CodePlanes512<TWidth>.ToQuad(codes, quad, ref low, ref mid, ref top);
                CodePlanes512<TWidth>.Prefetch(codes, quad);
                Level(levels, low, mid, top).Store(panel);
            }
        }
    }

    public static void Multiply4(in Int8Block block, int firstBlock, int blockCount, byte* panel, Int8Inputs x, int firstRow, float* sums)
    {
        int lastRow = x.Rows - 1;
        int row1 = Math.Min(firstRow + 1, lastRow), row2 = Math.Min(firstRow + 2, lastRow), row3 = Math.Min(firstRow + 3, lastRow);
        int wordsOfBlock = block.InputBlockColumns / QuadBytes / QuadsPerWord;
        byte* x0 = x.Row(firstRow) + ((long)firstBlock * (block.InputBlockColumns / QuadBytes) * InputQuadBytes);
        long to1 = x.Row(row1) - x.Row(firstRow), to2 = x.Row(row2) - x.Row(firstRow), to3 = x.Row(row3) - x.Row(firstRow);
        Int8InputBlock* inputs0 = x.BlocksOf(firstRow), inputs1 = x.BlocksOf(row1), inputs2 = x.BlocksOf(row2), inputs3 = x.BlocksOf(row3);
        for (int inputBlock = firstBlock; inputBlock < firstBlock + blockCount; inputBlock++)
        {
            Vector512<int> low0 = Vector512<int>.Zero, low1 = low0, low2 = low0, low3 = low0, high0 = low0, high1 = low0, high2 = low0, high3 = low0;
            for (int word = 0; word < wordsOfBlock; word++)
            {
                Vector512<short> lowWord0 = default, lowWord1 = default, lowWord2 = default, lowWord3 = default;
                Vector512<short> highWord0 = default, highWord1 = default, highWord2 = default, highWord3 = default;
                for (int quad = 0; quad < QuadsPerWord; quad++, panel += PanelQuadBytes, x0 += InputQuadBytes)
                {
                    Vector512<byte> low = Vector512.Load(panel), high = Vector512.Load(panel + (PanelQuadBytes / 2));
                    AddQuads(low, high, x0, ref lowWord0, ref low0, ref highWord0, ref high0);
                    AddQuads(low, high, x0 + to1, ref lowWord1, ref low1, ref highWord1, ref high1);
                    AddQuads(low, high, x0 + to2, ref lowWord2, ref low2, ref highWord2, ref high2);
                    AddQuads(low, high, x0 + to3, ref lowWord3, ref low3, ref highWord3, ref high3);
                }

                Widen(lowWord0, ref low0, highWord0, ref high0);
                Widen(lowWord1, ref low1, highWord1, ref high1);
                Widen(lowWord2, ref low2, highWord2, ref high2);
                Widen(lowWord3, ref low3, highWord3, ref high3);
            }

            AddRow(block, inputBlock, inputs0, low0, high0, sums);
            AddRow(block, inputBlock, inputs1, low1, high1, sums + RowLaneBlock.PanelRows);
            AddRow(block, inputBlock, inputs2, low2, high2, sums + (2 * RowLaneBlock.PanelRows));
            AddRow(block, inputBlock, inputs3, low3, high3, sums + (3 * RowLaneBlock.PanelRows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Level(Vector512<byte> levels, Vector512<uint> low, Vector512<uint> mid, Vector512<uint> top)
    {
        Vector512<byte> codes = CodePlanes512<TWidth>.QuadCodes(low, mid, top);
        return TLookup.IsUsed ? Avx512BW.Shuffle(levels, codes) : codes;
    }

    /// <summary>One input row's quad against both halves of the panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuads(Vector512<byte> low, Vector512<byte> high, byte* x,
        ref Vector512<short> lowWord, ref Vector512<int> lowDot, ref Vector512<short> highWord, ref Vector512<int> highDot)
    {
        Vector512<int> input = Vector512.Create(*(int*)x);
        Vector512<int> odd = TakesWords ? Vector512.Create(((int*)x)[1]) : default;
        AddQuad(low, input, odd, ref lowWord, ref lowDot);
        AddQuad(high, input, odd, ref highWord, ref highDot);
    }

    /// <summary>A quad's products, to the words or, where one quad fills those, to the dot products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuad(Vector512<byte> level, Vector512<int> input, Vector512<int> odd, ref Vector512<short> word, ref Vector512<int> dot)
    {
        if (TakesWords)
        {
            // Bytes 0 and 2 of a dword as words, then bytes 1 and 3.
            Vector512<short> even = (level.AsUInt16() & Vector512.Create((ushort)0xFF)).AsInt16();
            dot = Avx512F.Add(dot, Avx512BW.MultiplyAddAdjacent(even, input.AsInt16()));
            dot = Avx512F.Add(dot, Avx512BW.MultiplyAddAdjacent((level.AsUInt16() >>> 8).AsInt16(), odd.AsInt16()));
            return;
        }

        Vector512<short> pairs = Avx512BW.MultiplyAddAdjacent(level, input.AsSByte());
        if (QuadsPerWord == 1)
            dot = Avx512F.Add(dot, Avx512BW.MultiplyAddAdjacent(pairs, Vector512<short>.One));
        else
            word = Avx512BW.Add(word, pairs);
    }

    /// <summary>Adds what the words hold to the dot products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen(Vector512<short> lowWord, ref Vector512<int> lowDot, Vector512<short> highWord, ref Vector512<int> highDot)
    {
        if (QuadsPerWord == 1)
            return;
        lowDot = Avx512F.Add(lowDot, Avx512BW.MultiplyAddAdjacent(lowWord, Vector512<short>.One));
        highDot = Avx512F.Add(highDot, Avx512BW.MultiplyAddAdjacent(highWord, Vector512<short>.One));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(in Int8Block block, int inputBlock, Int8InputBlock* inputs, Vector512<int> low, Vector512<int> high, float* sums)
    {
        AddBlock(block, 0, inputBlock, low, inputs[inputBlock], Avx512F.LoadVector512(sums)).Store(sums);
        AddBlock(block, 1, inputBlock, high, inputs[inputBlock], Avx512F.LoadVector512(sums + Lanes)).Store(sums + Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AddBlock(in Int8Block block, int group, int inputBlock, Vector512<int> dot, Int8InputBlock input, Vector512<float> sum)
    {
        long at = block.ConstantsAt(group, inputBlock);
        Vector512<float> difference = Avx512F.Subtract(Avx512F.ConvertToVector512Single(dot), Vector512.Create(input.ZeroTerm));
        Vector512<float> constants = Avx512F.Multiply(Avx512F.LoadVector512(block.Groups.Constants + at), Vector512.Create(input.ScaledStep));
        sum = Avx512F.FusedMultiplyAdd(difference, constants, sum);
        return block.Groups.Offsets is null ? sum
            : Avx512F.FusedMultiplyAdd(Vector512.Create(input.ScaledSum), Avx512F.LoadVector512(block.Groups.Offsets + at), sum);
    }
}
