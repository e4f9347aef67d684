using System.Runtime.Intrinsics;
using KBitQuant.DataTypes;

namespace KBitQuant.Tests.DataTypes;

/// <summary>Of the two ways to look up bytes, a processor takes one; both are right.</summary>
public sealed unsafe class BytePermutationTests
{
    [Fact]
    public void APermutationOfTwoRegistersFindsEveryEntry() => FindsEveryEntry<TwoRegisterPermutation>();

    [Fact]
    public void TwoPermutationsUnderMasksFindEveryEntry() => FindsEveryEntry<MaskedPermutation>();

    private static void FindsEveryEntry<TPermutation>()
        where TPermutation : struct, IBytePermutation
    {
        Assert.SkipUnless(BytePlaneLookup.IsSupported, "Needs AVX-512 VBMI.");
        byte* plane = stackalloc byte[BytePlaneLookup.PlaneLength];
        for (int entry = 0; entry < BytePlaneLookup.PlaneLength; entry++)
            plane[entry] = (byte)((entry * 167) + 13);
        for (int first = 0; first < BytePlaneLookup.PlaneLength; first += Vector512<byte>.Count)
        {
            Vector512<byte> codes = Vector512<byte>.Indices + Vector512.Create((byte)first);
            Vector512<byte> found = BytePlaneLookup.Lookup<TPermutation>(plane, codes), of128 = TPermutation.Of128(plane, codes);
            for (int lane = 0; lane < Vector512<byte>.Count; lane++)
            {
                Assert.Equal(plane[first + lane], found[lane]);
                Assert.Equal(plane[(first + lane) % 128], of128[lane]);
            }
        }
    }
}
