using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Tables of four entries by permutations of floats, which look at two bits of a dword and ignore the others.</summary>
internal readonly unsafe struct PermuteQuad256 : IRegisterLookup256<PermuteQuad256>
{
    private readonly Vector256<float> _table;

    private PermuteQuad256(Vector256<float> table) => _table = table;

    public static bool KeepsOrder => false;

    /// <summary>The table repeats after four entries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PermuteQuad256 Of(in RowLaneBlock block) => new(Vector256.Load(block.Table));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants) => constants;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Levels(byte* codes, bool byColumn, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3) =>
        Levels(Vector256.Load(codes), out column0, out column1, out column2, out column3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Levels(Vector256<byte> codes, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3)
    {
        Vector256<int> dwords = codes.AsInt32();
        column0 = Avx.PermuteVar(_table, dwords);
        column1 = Avx.PermuteVar(_table, dwords >>> 8);
        column2 = Avx.PermuteVar(_table, dwords >>> 16);
        column3 = Avx.PermuteVar(_table, dwords >>> 24);
    }
}
