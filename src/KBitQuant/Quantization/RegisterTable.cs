using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Quantization;

/// <summary>
/// Looks up 16 indices at once in tables of 32 to 256 floats held in AVX-512 registers: one permutation reaches 32 entries, and the
/// higher bits of the index choose among several. Faster than gathering, which takes an L1 access a lane. Only the low bits of an
/// index count: 5 for 32 entries, up to 8 for 256. The loads of the table are hoisted out of the caller's loop or hit the L1 cache.
/// </summary>
internal static unsafe class RegisterTable
{
    /// <summary>Up to here one permutation suffices.</summary>
    public const int MaxFastBits = 5;

    private const int PermutedEntries = 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Lookup32(float* table, Vector512<int> index) =>
        Avx512F.PermuteVar16x32x2(Avx512F.LoadVector512(table), index, Avx512F.LoadVector512(table + 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Lookup64(float* table, Vector512<int> index) =>
        Choose(index, 5, Lookup32(table, index), Lookup32(table + PermutedEntries, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Lookup128(float* table, Vector512<int> index) =>
        Choose(index, 6, Lookup64(table, index), Lookup64(table + (2 * PermutedEntries), index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Lookup256(float* table, Vector512<int> index) =>
        Choose(index, 7, Lookup128(table, index), Lookup128(table + (4 * PermutedEntries), index));

    /// <summary>The second vector in the lanes whose index has the bit, the first elsewhere: the bit is moved to the sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Choose(Vector512<int> index, int bit, Vector512<float> clear, Vector512<float> set) =>
        Avx512F.BlendVariable(clear, set, Vector512.LessThan(index << (31 - bit), Vector512<int>.Zero).AsSingle());
}
