using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Tables of four entries by permutations of floats, which look at two bits of a dword and ignore the others.</summary>
internal readonly unsafe struct PermuteQuad256 : IQuadLookup256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Levels(in RowLaneBlock block, Vector256<byte> codes, byte* scratch, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3)
    {
        // The table repeats after four entries.
        Vector256<float> table = Vector256.Load(block.Table);
        Vector256<int> dwords = codes.AsInt32();
        column0 = Avx.PermuteVar(table, dwords);
        column1 = Avx.PermuteVar(table, dwords >>> 8);
        column2 = Avx.PermuteVar(table, dwords >>> 16);
        column3 = Avx.PermuteVar(table, dwords >>> 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants) => constants;
}
