using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>A table by which the codes of a quad, four columns of 16 rows, become four vectors of entries.</summary>
internal interface IQuadTable512<TSelf>
{
    static abstract TSelf Of(in RowLaneBlock block);

    /// <summary>The entries of each column of codes: a dword a row, a column in each byte, above a code perhaps other bits.</summary>
    void Columns(Vector512<byte> codes, out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3);

    /// <summary>What entries are multiplied with, from the block constants.</summary>
    Vector512<float> Scale(Vector512<float> constants);
}

/// <summary>Up to 16 floats in a register. A permutation does not look at the bits above an index, so that bringing a column to the low end of
/// the dwords is enough.</summary>
internal readonly unsafe struct Table16 : IQuadTable512<Table16>
{
    private readonly Vector512<float> _entries;

    private Table16(Vector512<float> entries) => _entries = entries;

    public static Table16 Of(in RowLaneBlock block) => new(Avx512F.LoadVector512(block.Table));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Scale(Vector512<float> constants) => constants;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Columns(Vector512<byte> codes, out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3)
    {
        column0 = Avx512F.PermuteVar16x32(_entries, codes.AsInt32());
        column1 = Avx512F.PermuteVar16x32(_entries, Avx512F.ShiftRightLogical(codes.AsInt32(), 8));
        column2 = Avx512F.PermuteVar16x32(_entries, Avx512F.ShiftRightLogical(codes.AsInt32(), 16));
        column3 = Avx512F.PermuteVar16x32(_entries, Avx512F.ShiftRightLogical(codes.AsInt32(), 24));
    }
}

/// <summary>32 floats in two registers, as <see cref="Table16"/>.</summary>
internal readonly unsafe struct Table32 : IQuadTable512<Table32>
{
    private readonly Vector512<float> _low;
    private readonly Vector512<float> _high;

    private Table32(float* table) => (_low, _high) = (Avx512F.LoadVector512(table), Avx512F.LoadVector512(table + Vector512<float>.Count));

    public static Table32 Of(in RowLaneBlock block) => new(block.Table);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Scale(Vector512<float> constants) => constants;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Columns(Vector512<byte> codes, out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3)
    {
        column0 = Avx512F.PermuteVar16x32x2(_low, codes.AsInt32(), _high);
        column1 = Avx512F.PermuteVar16x32x2(_low, Avx512F.ShiftRightLogical(codes.AsInt32(), 8), _high);
        column2 = Avx512F.PermuteVar16x32x2(_low, Avx512F.ShiftRightLogical(codes.AsInt32(), 16), _high);
        column3 = Avx512F.PermuteVar16x32x2(_low, Avx512F.ShiftRightLogical(codes.AsInt32(), 24), _high);
    }
}

/// <summary>
/// Evenly spaced tables of 64 entries and more by arithmetic: levels are whole numbers, and exact. A code that stands in the mantissa of a
/// float whose last integer bit is the code's lowest makes that float larger by the code.
/// </summary>
internal readonly struct EvenTable512<TWidth> : IQuadTable512<EvenTable512<TWidth>>
    where TWidth : struct, ICodeWidth
{
    /// <summary>2^23: a code in its lowest bits adds itself.</summary>
    private const uint Base0 = (127u + 23) << 23;

    /// <summary>2^15: a code 8 bits higher does.</summary>
    private const uint Base1 = (127u + 15) << 23;

    private readonly Vector512<float> _zero0;
    private readonly Vector512<float> _zero1;
    private readonly Vector512<float> _step;
    private readonly Vector512<uint> _base0;
    private readonly Vector512<uint> _base1;
    private readonly Vector512<uint> _mask0;
    private readonly Vector512<uint> _mask1;

    private EvenTable512(UniformTable table)
    {
        _base0 = Register512.Of(Base0);
        _base1 = Register512.Of(Base1);
        _mask0 = Register512.Of((1u << TWidth.Bits) - 1);
        _mask1 = Register512.Of(((1u << TWidth.Bits) - 1) << 8);
        _zero0 = Vector512.Create(BitConverter.UInt32BitsToSingle(Base0) + table.Zero);
        _zero1 = Vector512.Create(BitConverter.UInt32BitsToSingle(Base1) + table.Zero);
        _step = Vector512.Create(table.Step);
    }

    public static EvenTable512<TWidth> Of(in RowLaneBlock block) => new(block.Uniform);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Columns(Vector512<byte> codes, out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3)
    {
        Vector512<uint> low = codes.AsUInt32(), high = low >>> 16;
        column0 = ((low & _mask0) | _base0).AsSingle() - _zero0;
        column1 = ((low & _mask1) | _base1).AsSingle() - _zero1;
        column2 = ((high & _mask0) | _base0).AsSingle() - _zero0;
        column3 = ((high & _mask1) | _base1).AsSingle() - _zero1;
    }

    /// <summary>Of roundings as <see cref="UniformQuad256{TWidth}.Scale"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Scale(Vector512<float> constants) => constants * _step;
}

/// <summary>64 floats without AVX-512BW, 128 and 256 without VBMI: permutations of 32, among which the higher bits of a code choose.</summary>
internal readonly unsafe struct LargeTable<TWidth> : IQuadTable512<LargeTable<TWidth>>
    where TWidth : struct, ICodeWidth
{
    private readonly float* _table;

    private LargeTable(float* table) => _table = table;

    public static LargeTable<TWidth> Of(in RowLaneBlock block) => new(block.Table);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Scale(Vector512<float> constants) => constants;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Columns(Vector512<byte> codes, out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3)
    {
        column0 = Entry(_table, codes.AsInt32());
        column1 = Entry(_table, Avx512F.ShiftRightLogical(codes.AsInt32(), 8));
        column2 = Entry(_table, Avx512F.ShiftRightLogical(codes.AsInt32(), 16));
        column3 = Entry(_table, Avx512F.ShiftRightLogical(codes.AsInt32(), 24));
    }

    private static Vector512<float> Entry(float* table, Vector512<int> code) => TWidth.Bits switch
    {
        6 => RegisterTable.Lookup64(table, code),
        7 => RegisterTable.Lookup128(table, code),
        _ => RegisterTable.Lookup256(table, code),
    };
}

/// <summary>
/// Tables of 128 and 256 entries with VBMI: all 64 codes are looked up at once by byte permutations, a plane of the table's bytes after the
/// other (<see cref="BytePlaneLookup"/>), and interleaved to floats. About a third of the work of looking up floats in 4 to 16 registers.
/// </summary>
internal readonly unsafe struct BytePlaneTable<TWidth, TPermutation> : IQuadTable512<BytePlaneTable<TWidth, TPermutation>>
    where TWidth : struct, ICodeWidth
    where TPermutation : struct, IBytePermutation
{
    private const int PlaneLength = BytePlaneLookup.PlaneLength;

    private readonly Vector512<byte> _transposed;
    private readonly byte* _planes;

    private BytePlaneTable(byte* planes)
    {
        Vector128<byte> lane = Vector128.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        Vector256<byte> lanes = Vector256.Create(lane, lane);
        _transposed = Vector512.Create(lanes, lanes);
        _planes = planes;
    }

    public static BytePlaneTable<TWidth, TPermutation> Of(in RowLaneBlock block) => new(block.TablePlanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Scale(Vector512<float> constants) => constants;

    /// <summary>Each 128 bits hold the dwords of four rows, a byte a column; interleaving makes floats of neighbouring bytes of the planes. So
    /// the bytes of a column are brought together first: a transposition of 4 x 4 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Columns(Vector512<byte> codes, out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3)
    {
        codes = Avx512BW.Shuffle(codes, _transposed);
        Vector512<byte> plane0 = Lookup(_planes, codes);
        Vector512<byte> plane1 = Lookup(_planes + PlaneLength, codes);
        Vector512<byte> plane2 = Lookup(_planes + (2 * PlaneLength), codes);
        Vector512<byte> plane3 = Lookup(_planes + (3 * PlaneLength), codes);
        Vector512<ushort> low01 = Avx512BW.UnpackLow(plane0, plane1).AsUInt16(), high01 = Avx512BW.UnpackHigh(plane0, plane1).AsUInt16();
        Vector512<ushort> low23 = Avx512BW.UnpackLow(plane2, plane3).AsUInt16(), high23 = Avx512BW.UnpackHigh(plane2, plane3).AsUInt16();
        column0 = Avx512BW.UnpackLow(low01, low23).AsSingle();
        column1 = Avx512BW.UnpackHigh(low01, low23).AsSingle();
        column2 = Avx512BW.UnpackLow(high01, high23).AsSingle();
        column3 = Avx512BW.UnpackHigh(high01, high23).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<byte> Lookup(byte* plane, Vector512<byte> codes) =>
        TWidth.Bits == 7 ? TPermutation.Of128(plane, codes) : BytePlaneLookup.Lookup<TPermutation>(plane, codes);
}

/// <summary>The same for floats of few digits (<see cref="ShortTable"/>): two planes, and words that are the upper halves of floats.</summary>
internal readonly unsafe struct ShortPlaneTable<TWidth, TPermutation> : IQuadTable512<ShortPlaneTable<TWidth, TPermutation>>
    where TWidth : struct, ICodeWidth
    where TPermutation : struct, IBytePermutation
{
    private readonly Vector512<byte> _pairs;
    private readonly byte* _planes;
    private readonly Vector512<float> _step;

    private ShortPlaneTable(byte* planes, float step)
    {
        Vector128<byte> lane = Vector128.Create((byte)0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
        Vector256<byte> lanes = Vector256.Create(lane, lane);
        _pairs = Vector512.Create(lanes, lanes);
        _planes = planes + (2 * BytePlaneLookup.PlaneLength);
        _step = Vector512.Create(step);
    }

    public static ShortPlaneTable<TWidth, TPermutation> Of(in RowLaneBlock block) => new(block.TablePlanes, block.PlaneStep);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Scale(Vector512<float> constants) => constants * _step;

    /// <summary>Each 128 bits hold the dwords of four rows, a byte a column. The first two columns are brought together, and the last two; a dword
    /// of interleaved bytes then has a word of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Columns(Vector512<byte> codes, out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3)
    {
        codes = Avx512BW.Shuffle(codes, _pairs);
        Vector512<byte> low = BytePlaneTable<TWidth, TPermutation>.Lookup(_planes, codes);
        Vector512<byte> high = BytePlaneTable<TWidth, TPermutation>.Lookup(_planes + BytePlaneLookup.PlaneLength, codes);
        Vector512<uint> first = Avx512BW.UnpackLow(low, high).AsUInt32(), last = Avx512BW.UnpackHigh(low, high).AsUInt32();
        Vector512<uint> halves = Vector512.Create(0xFFFF_0000u);
        column0 = (first << 16).AsSingle();
        column1 = (first & halves).AsSingle();
        column2 = (last << 16).AsSingle();
        column3 = (last & halves).AsSingle();
    }
}

/// <summary>Tables of 64 entries with AVX-512BW: 32 codes are looked up at once by permutations of words, the upper halves of the floats and the
/// lower ones, and interleaved to floats.</summary>
internal readonly unsafe struct WordPlaneTable : IQuadTable512<WordPlaneTable>
{
    private readonly Vector512<byte> _pairs;
    private readonly Vector512<ushort> _lower0;
    private readonly Vector512<ushort> _lower1;
    private readonly Vector512<ushort> _upper0;
    private readonly Vector512<ushort> _upper1;

    private WordPlaneTable(ushort* halves)
    {
        // Words of columns 0 and 2 of four rows, and of columns 1 and 3: the lower byte is looked up, and then the upper one.
        Vector128<byte> lane = Vector128.Create((byte)0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
        Vector256<byte> lanes = Vector256.Create(lane, lane);
        _pairs = Vector512.Create(lanes, lanes);
        Vector512<ushort> even = Vector512<ushort>.Indices + Vector512<ushort>.Indices, odd = even + Vector512<ushort>.One;
        Vector512<ushort> first = Vector512.Load(halves), second = Vector512.Load(halves + 32), third = Vector512.Load(halves + 64), fourth = Vector512.Load(halves + 96);
        _lower0 = Avx512BW.PermuteVar32x16x2(first, even, second);
        _lower1 = Avx512BW.PermuteVar32x16x2(third, even, fourth);
        _upper0 = Avx512BW.PermuteVar32x16x2(first, odd, second);
        _upper1 = Avx512BW.PermuteVar32x16x2(third, odd, fourth);
    }

    public static WordPlaneTable Of(in RowLaneBlock block) => new((ushort*)block.Table);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Scale(Vector512<float> constants) => constants;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Columns(Vector512<byte> codes, out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3)
    {
        Vector512<ushort> first = Avx512BW.Shuffle(codes, _pairs).AsUInt16(), last = Avx512BW.ShiftRightLogical(first, 8);
        Vector512<ushort> lower = Avx512BW.PermuteVar32x16x2(_lower0, first, _lower1), upper = Avx512BW.PermuteVar32x16x2(_upper0, first, _upper1);
        column0 = Avx512BW.UnpackLow(lower, upper).AsSingle();
        column1 = Avx512BW.UnpackHigh(lower, upper).AsSingle();
        lower = Avx512BW.PermuteVar32x16x2(_lower0, last, _lower1);
        upper = Avx512BW.PermuteVar32x16x2(_upper0, last, _upper1);
        column2 = Avx512BW.UnpackLow(lower, upper).AsSingle();
        column3 = Avx512BW.UnpackHigh(lower, upper).AsSingle();
    }
}
