using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Tables of any length by a load an entry, which processors do faster one by one than as a gather.</summary>
internal readonly unsafe struct LoadQuad256 : IQuadLookup256<LoadQuad256>
{
    private const int DwordBits = 32;

    private readonly float* _table;

    private LoadQuad256(float* table) => _table = table;

    public static bool KeepsOrder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LoadQuad256 Of(in RowLaneBlock block) => new(block.Table);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants) => constants;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Levels(Vector256<byte> codes, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3)
    {
        // Two rows each. Stored and loaded again, bytes would wait for the store.
        ulong rows01 = codes.AsUInt64().GetElement(0), rows23 = codes.AsUInt64().GetElement(1);
        ulong rows45 = codes.AsUInt64().GetElement(2), rows67 = codes.AsUInt64().GetElement(3);
        column0 = Load(rows01, rows23, rows45, rows67);
        column1 = Load(rows01 >> 8, rows23 >> 8, rows45 >> 8, rows67 >> 8);
        column2 = Load(rows01 >> 16, rows23 >> 16, rows45 >> 16, rows67 >> 16);
        column3 = Load(rows01 >> 24, rows23 >> 24, rows45 >> 24, rows67 >> 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> Load(ulong rows01, ulong rows23, ulong rows45, ulong rows67) => Vector256.Create(
        Entry(rows01), Entry(rows01 >> DwordBits), Entry(rows23), Entry(rows23 >> DwordBits), Entry(rows45), Entry(rows45 >> DwordBits), Entry(rows67), Entry(rows67 >> DwordBits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Entry(ulong code) => _table[(byte)code];
}
