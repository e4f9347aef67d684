using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Tables of any length by a load an entry, which processors do faster one by one than as a gather. Codes come in words of 8: on their way
/// through a vector register they would be late, and so many instructions wait for them that no others can start.</summary>
internal readonly unsafe struct LoadQuad256 : IQuadLookup256<LoadQuad256>
{
    private const int ByteBits = 8;
    private const int DwordBits = 32;

    private readonly float* _table;

    private LoadQuad256(float* table) => _table = table;

    public static bool KeepsOrder => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LoadQuad256 Of(in RowLaneBlock block) => new(block.Table);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants) => constants;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Levels(byte* codes, bool byColumn, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3)
    {
        // Two rows each.
        ulong* rows = (ulong*)codes;
        ulong rows01 = rows[0], rows23 = rows[1], rows45 = rows[2], rows67 = rows[3];
        column0 = Load(rows01, rows23, rows45, rows67, 0);
        column1 = Load(rows01, rows23, rows45, rows67, ByteBits);
        column2 = Load(rows01, rows23, rows45, rows67, 2 * ByteBits);
        column3 = Load(rows01, rows23, rows45, rows67, 3 * ByteBits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> Load(ulong rows01, ulong rows23, ulong rows45, ulong rows67, int position) => Vector256.Create(
        Entry(rows01, position), Entry(rows01, position + DwordBits), Entry(rows23, position), Entry(rows23, position + DwordBits),
        Entry(rows45, position), Entry(rows45, position + DwordBits), Entry(rows67, position), Entry(rows67, position + DwordBits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Entry(ulong codes, int position) =>
        _table[Bmi1.X64.IsSupported ? Bmi1.X64.BitFieldExtract(codes, (ushort)((ByteBits << 8) | position)) : (byte)(codes >> position)];
}
