using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.DataTypes;

/// <summary>How bytes are looked up among more than the 64 that a permutation reaches. A type and not a question in the loop: that would stay there
/// where the compiler does not know the answer, and both ways exceed what it inlines.</summary>
internal unsafe interface IBytePermutation
{
    /// <summary>The entries, of 128, of each code; bit 7 does not count.</summary>
    static abstract Vector512<byte> Of128(byte* plane, Vector512<byte> codes);
}

/// <summary>A permutation of two registers.</summary>
internal readonly unsafe struct TwoRegisterPermutation : IBytePermutation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Of128(byte* plane, Vector512<byte> codes) => Avx512Vbmi.PermuteVar64x8x2(Vector512.Load(plane), codes, Vector512.Load(plane + 64));
}

/// <summary>Two permutations, where that of two registers takes as long and one more instruction: on Intel's processors. Bit 6 of a code says in which
/// lanes the second one overwrites the first.</summary>
internal readonly unsafe struct MaskedPermutation : IBytePermutation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Of128(byte* plane, Vector512<byte> codes) =>
        Avx512BW.BlendVariable(Avx512Vbmi.PermuteVar64x8(Vector512.Load(plane), codes), Avx512Vbmi.PermuteVar64x8(Vector512.Load(plane + 64), codes), codes + codes);
}
