using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>How four levels of each dword meet four inputs, as a type.</summary>
internal interface IByteDot256
{
    /// <summary>Whether levels may go beyond 127.</summary>
    static abstract bool TakesLargeLevels { get; }

    /// <summary>dot + the sum of the four products in each dword.</summary>
    static abstract Vector256<int> Add(Vector256<int> dot, Vector256<byte> levels, Vector256<sbyte> inputs);
}

/// <summary>Bytes to words (at most 2 * 127 * 127, which fits) to dwords.</summary>
internal readonly struct ByteDotAvx2 : IByteDot256
{
    public static bool TakesLargeLevels => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> dot, Vector256<byte> levels, Vector256<sbyte> inputs) =>
        dot + Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(levels, inputs), Vector256<short>.One);
}

/// <summary>One instruction, which loses nothing.</summary>
internal readonly struct ByteDotVnni : IByteDot256
{
    public static bool TakesLargeLevels => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> dot, Vector256<byte> levels, Vector256<sbyte> inputs) =>
        AvxVnni.MultiplyWideningAndAdd(dot, levels, inputs);
}
