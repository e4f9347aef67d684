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
}

/// <summary>Floats in registers, one permutation for up to 32 entries: it does not look at the bits above a code, so that bringing a column
/// to the low end of the dwords is enough.</summary>
internal readonly unsafe struct PermutedTable<TWidth> : IQuadTable512<PermutedTable<TWidth>>
    where TWidth : struct, ICodeWidth
{
    private readonly Vector512<float> _entries;
    private readonly float* _table;

    private PermutedTable(float* table)
    {
        _entries = Avx512F.LoadVector512(table);
        _table = table;
    }

    public static PermutedTable<TWidth> Of(in RowLaneBlock block) => new(block.Table);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Columns(Vector512<byte> codes, out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3)
    {
        column0 = Entry(codes.AsInt32());
        column1 = Entry(Avx512F.RotateRight(codes.AsInt32(), 8));
        column2 = Entry(Avx512F.RotateRight(codes.AsInt32(), 16));
        column3 = Entry(Avx512F.RotateRight(codes.AsInt32(), 24));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Entry(Vector512<int> code) => TWidth.Bits switch
    {
        <= 4 => Avx512F.PermuteVar16x32(_entries, code),
        5 => RegisterTable.Lookup32(_table, code),
        6 => RegisterTable.Lookup64(_table, code),
        7 => RegisterTable.Lookup128(_table, code),
        _ => RegisterTable.Lookup256(_table, code),
    };
}

/// <summary>
/// Tables of 64 to 256 entries with VBMI: all 64 codes are looked up at once by byte permutations, a plane of the table's bytes after the
/// other (<see cref="BytePlaneLookup"/>), and interleaved to floats. About a third of the work of looking up floats in 4 to 16 registers.
/// </summary>
internal readonly unsafe struct BytePlaneTable<TWidth> : IQuadTable512<BytePlaneTable<TWidth>>
    where TWidth : struct, ICodeWidth
{
    private const int PlaneLength = 256;

    private readonly Vector512<byte> _transposed;
    private readonly byte* _planes;

    private BytePlaneTable(byte* planes)
    {
        Vector128<byte> lane = Vector128.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        Vector256<byte> lanes = Vector256.Create(lane, lane);
        _transposed = Vector512.Create(lanes, lanes);
        _planes = planes;
    }

    public static BytePlaneTable<TWidth> Of(in RowLaneBlock block) => new(block.TablePlanes);

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
    private static Vector512<byte> Lookup(byte* plane, Vector512<byte> codes) => TWidth.Bits switch
    {
        6 => Avx512Vbmi.PermuteVar64x8(Vector512.Load(plane), codes),
        7 => Avx512Vbmi.PermuteVar64x8x2(Vector512.Load(plane), codes, Vector512.Load(plane + 64)),
        _ => BytePlaneLookup.Lookup(plane, codes),
    };
}
