using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Tables of any length by a load an entry, which processors do faster one by one than as a gather.</summary>
internal readonly unsafe struct LoadQuad256 : IQuadLookup256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Levels(in RowLaneBlock block, Vector256<byte> codes, byte* scratch, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3)
    {
        float* table = block.Table;
        codes.Store(scratch);
        column0 = Load(table, scratch);
        column1 = Load(table, scratch + 1);
        column2 = Load(table, scratch + 2);
        column3 = Load(table, scratch + 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants) => constants;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(float* table, byte* codes) => Vector256.Create(
        table[codes[0]], table[codes[4]], table[codes[8]], table[codes[12]], table[codes[16]], table[codes[20]], table[codes[24]], table[codes[28]]);
}
