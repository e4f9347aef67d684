using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Tables of any length by a load an entry, which processors do faster one by one than as a gather.</summary>
internal readonly unsafe struct LoadQuad256 : IQuadLookup256<LoadQuad256>
{
    private readonly float* _table;
    private readonly byte* _scratch;

    private LoadQuad256(float* table, byte* scratch)
    {
        _table = table;
        _scratch = scratch;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LoadQuad256 Of(in RowLaneBlock block, byte* scratch) => new(block.Table, scratch);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants) => constants;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Levels(Vector256<byte> codes, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3)
    {
        codes.Store(_scratch);
        column0 = Load(_table, _scratch);
        column1 = Load(_table, _scratch + 1);
        column2 = Load(_table, _scratch + 2);
        column3 = Load(_table, _scratch + 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(float* table, byte* codes) => Vector256.Create(
        table[codes[0]], table[codes[4]], table[codes[8]], table[codes[12]], table[codes[16]], table[codes[20]], table[codes[24]], table[codes[28]]);
}
