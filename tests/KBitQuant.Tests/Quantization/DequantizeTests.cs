using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;
using KBitQuant.Numerics;
using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Quantization;

/// <summary>Every path of decoding gives the bits of the plain definition, wherever blocks and outputs begin and end.</summary>
[Trait("Category", "Isa")]
public class DequantizeTests
{
    private static readonly int[] Blocks = [1, 7, 16, 24, 32, 48, 64, 80, 128, 192, 256, 1024, QuantizationScheme.WholeTensor];
    private static readonly int[] Lengths = [1, 15, 16, 17, 63, 64, 65, 127, 128, 255, 2048, 2049, 5000];

    public static TheoryData<string> TypeNames =>
        [.. Enumerable.Range(2, 7).SelectMany(bits => new[] { $"int{bits}", $"nf{bits}" }), "dynamic8", "fp4", "fp6-e3m2", "fp7-e4m2", "fp8-e3m4", "fp8-e4m3", "five", "two hundred"];

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void EveryBlockLengthAndOffsetFollowsTheDefinition(string typeName)
    {
        DataType type = TestData.RepresentativeTypes.FirstOrDefault(candidate => candidate.Name == typeName) ?? DataTypeCatalog.Get(typeName);
        if (type.IsPerTensor)
            type = DataType.Fitted(type.Name, type.Codebook);
        foreach (int block in Blocks)
        {
            foreach (int length in Lengths)
            {
                foreach (BlockOffset offset in new[] { BlockOffset.None, BlockOffset.Mean })
                    AssertFollowsDefinition(type, block, length, offset, shift: length % 5);
            }
        }
    }

    [Fact]
    public void LongTensorsAndMisalignedOutputsFollowTheDefinition()
    {
        for (int bits = 1; bits <= 8; bits++)
        {
            DataType type = TableOf(bits, withSpecials: false);
            for (int shift = 0; shift < 33; shift += 4)
                AssertFollowsDefinition(type, 64, 40_000 + shift, BlockOffset.None, shift);
        }
    }

    [Fact]
    public void ReservedEntriesDecodeToWhatTheySay()
    {
        for (int bits = 2; bits <= 8; bits++)
            AssertFollowsDefinition(TableOf(bits, withSpecials: true), 64, 1000, BlockOffset.Mean, shift: 1);
    }

    /// <summary>Ranges that begin anywhere, as rows of a matrix do.</summary>
    [Fact]
    public unsafe void AnyRangeDecodesAsItsPartOfTheWhole()
    {
        const int Length = 3000;
        for (int bits = 1; bits <= 8; bits++)
        {
            var scheme = new QuantizationScheme(TableOf(bits, withSpecials: false), 48);
            (byte[] codes, float[] constants, float[] _) = Parts(scheme, Length, BlockOffset.None);
            var whole = new float[Length];
            BlockwiseQuantizer.Dequantize<float>(codes, scheme, constants, [], whole);
            fixed (byte* codesPointer = codes)
            fixed (float* constantsPointer = constants)
            {
                var decoder = new BlockDecoder(scheme, Length, codesPointer, constantsPointer, null);
                foreach (int start in new[] { 0, 1, 8, 15, 48, 100, 1007, 2999 })
                {
                    var part = new float[Math.Min(Length - start, 500)];
                    decoder.Decode<float>(start, part);
                    Assert.Equal(whole[start..(start + part.Length)], part);
                }
            }
        }
    }

    /// <summary>Every exponent and sign, with mantissas at and beside the ties of both formats.</summary>
    [Fact]
    public void RoundingToSixteenBitsIsThatOfElements()
    {
        Assert.SkipUnless(Avx2.IsSupported, "the processor lacks AVX2");
        uint[] mantissas = [0, 1, 0xFFF, 0x1000, 0x1001, 0x1FFF, 0x2FFF, 0x3000, 0x3001, 0x7FFF, 0x8000, 0x8001, 0x1_8000, 0x40_0000, 0x7F_EFFF, 0x7F_F000, 0x7F_FFFF];
        float[] values = [.. Enumerable.Range(0, 512).SelectMany(upper => mantissas.Select(mantissa => BitConverter.UInt32BitsToSingle(((uint)upper << 23) | mantissa)))];
        AssertRounds<Half>(values);
        AssertRounds<BFloat16>(values);
    }

    private static void AssertRounds<T>(float[] values)
        where T : unmanaged
    {
        values = [.. values.Where(value => Math.Abs(value) < Rounding.Limit<T>())];
        values = [.. values.Take(values.Length / 32 * 32)];
        var rounded = new T[values.Length];
        Elements.FromSingle<T>(values, rounded);
        ReadOnlySpan<ushort> expected = MemoryMarshal.Cast<T, ushort>(rounded);
        for (int i = 0; i < values.Length; i += 32)
        {
            for (int half = i; half < i + 32; half += 16)
            {
                Vector256<float> even = Vector256.Create(Every(half)), odd = Vector256.Create(Every(half + 1));
                Assert.Equal(expected.Slice(half, 16), Bits(Rounding256.Interleave<T>(even, odd)));
            }

            if (!Avx512BW.IsSupported)
                continue;
            Vector512<float> low = Vector512.Create(values.AsSpan(i, 16)) * Rounding.Scale<T>(), high = Vector512.Create(values.AsSpan(i + 16, 16)) * Rounding.Scale<T>();
            Assert.Equal(expected.Slice(i, 32), Bits(Rounding512.To<T>(low, high)));
            Assert.Equal([.. expected.Slice(i, 16), .. expected.Slice(i, 16)], Bits(Rounding512.ToTwice<T>(low)));
        }

        float[] Every(int start) => [.. Enumerable.Range(0, 8).Select(lane => values[start + (2 * lane)] * Rounding.Scale<T>())];
    }

    /// <summary>They are stored a float at a time.</summary>
    [Fact]
    public unsafe void OutputsWithinAFloatAreNotStoredPastTheCaches()
    {
        Assert.Equal(Avx2.IsSupported, OutputStreaming.Suits((void*)4, long.MaxValue));
        Assert.False(OutputStreaming.Suits((void*)2, long.MaxValue));
        Assert.Equal(Avx2.IsSupported, OutputStreaming.Suits((void*)4, OutputStreaming.Threshold));
        Assert.False(OutputStreaming.Suits((void*)4, OutputStreaming.Threshold - 1));
    }

    /// <summary>Of a processor no more counts than it is likely to get; small caches count whole.</summary>
    [Theory]
    [InlineData(260L << 20, 2, 8 << 20)]
    [InlineData(130L << 20, 1, 4 << 20)]
    [InlineData(32L << 20, 8, 8 << 20)]
    [InlineData(1L << 20, 4, 1 << 20)]
    public void TheStreamingThresholdIsAQuarterOfTheCacheThatCounts(long shareBytes, int processors, long threshold) =>
        Assert.Equal(threshold, OutputStreaming.ThresholdOf(shareBytes, processors));

    /// <summary>Outputs too small to be stored past the caches, stored so: with every alignment that a float may have, and in parts.</summary>
    [Fact]
    public void StoringPastTheCachesChangesNothing()
    {
        Assert.SkipUnless(Avx2.IsSupported, "the processor lacks AVX2");
        for (int bits = 1; bits <= 8; bits++)
        {
            AssertStreams<float>(TableOf(bits, withSpecials: false), 64);
            AssertStreams<Half>(TableOf(bits, withSpecials: false), 64);
            AssertStreams<BFloat16>(TableOf(bits, withSpecials: bits > 1), QuantizationScheme.WholeTensor);
        }
    }

    private static unsafe void AssertStreams<T>(DataType type, int block)
        where T : unmanaged
    {
        const int Length = 9001, PartLength = 4600;
        var scheme = new QuantizationScheme(type, block);
        (byte[] codes, float[] constants, float[] _) = Parts(scheme, Length, BlockOffset.None);
        var expected = new T[Length];
        BlockwiseQuantizer.Dequantize<T>(codes, scheme, constants, [], expected);
        fixed (byte* codesPointer = codes)
        fixed (float* constantsPointer = constants)
        {
            var decoder = new BlockDecoder(scheme, Length, codesPointer, constantsPointer, null);
            for (int shift = 0; shift < 64 / sizeof(T); shift += sizeof(float) / sizeof(T))
            {
                // Room on both sides shows writes beyond the output.
                var actual = new T[shift + Length + 64];
                for (int start = 0; start < Length; start += PartLength)
                    decoder.Decode(start, actual.AsSpan(shift + start, Math.Min(PartLength, Length - start)), pastCaches: true);
                ReadOnlySpan<byte> written = MemoryMarshal.AsBytes<T>(actual.AsSpan(shift, Length));
                Assert.True(MemoryMarshal.AsBytes<T>(expected).SequenceEqual(written), $"{scheme}, {typeof(T).Name} shifted by {shift}");
                Assert.True(MemoryMarshal.AsBytes<T>(actual.AsSpan(0, shift)).IndexOfAnyExcept((byte)0) < 0);
                Assert.True(MemoryMarshal.AsBytes<T>(actual.AsSpan(shift + Length)).IndexOfAnyExcept((byte)0) < 0);
            }
        }
    }

    private static void AssertFollowsDefinition(DataType type, int block, int length, BlockOffset offset, int shift)
    {
        var scheme = new QuantizationScheme(type, block) { Offset = offset };
        (byte[] packed, float[] constants, float[] offsets) = Parts(scheme, length, offset);
        var expected = new float[length];
        int blockSize = scheme.BlockSizeFor(length);
        for (int i = 0; i < length; i++)
        {
            float product = constants[i / blockSize] * type.Lookup[BitPacking.ReadOne(packed, type.Bits, i)];
            float added = offsets.Length == 0 ? 0 : offsets[i / blockSize];
            expected[i] = added == 0 ? product : product + added;
        }

        AssertDecodes<float>(packed, scheme, constants, offsets, expected, shift);
        AssertDecodes<Half>(packed, scheme, constants, offsets, expected, shift);
        AssertDecodes<BFloat16>(packed, scheme, constants, offsets, expected, shift);
    }

    private static void AssertDecodes<T>(byte[] packed, QuantizationScheme scheme, float[] constants, float[] offsets, float[] expected, int shift)
        where T : unmanaged
    {
        var rounded = new T[expected.Length];
        Elements.FromSingle<T>(expected, rounded);
        // Room on both sides shows writes beyond the output.
        var actual = new T[shift + expected.Length + 64];
        BlockwiseQuantizer.Dequantize<T>(packed, scheme, constants, offsets, actual.AsSpan(shift, expected.Length));
        Assert.True(MemoryMarshal.AsBytes<T>(rounded).SequenceEqual(MemoryMarshal.AsBytes<T>(actual.AsSpan(shift, expected.Length))), $"{scheme}, {expected.Length} {typeof(T).Name}");
        Assert.True(MemoryMarshal.AsBytes<T>(actual.AsSpan(0, shift)).IndexOfAnyExcept((byte)0) < 0);
        Assert.True(MemoryMarshal.AsBytes<T>(actual.AsSpan(shift + expected.Length)).IndexOfAnyExcept((byte)0) < 0);
    }

    /// <summary>Random codes and constants, among them zeros, negative ones, and some whose values fall out of the range of Half.</summary>
    private static (byte[] Packed, float[] Constants, float[] Offsets) Parts(QuantizationScheme scheme, int length, BlockOffset offset)
    {
        var random = new Random(length);
        byte[] codes = [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next(scheme.DataType.Codebook.Length))];
        var packed = new byte[BitPacking.PackedLength(length, scheme.DataType.Bits)];
        BitPacking.Pack(codes, scheme.DataType.Bits, packed);
        int blocks = scheme.BlockCount(length);
        float[] scales = [0.02f, 0, 3f, 1e-6f, 1e5f, 0.7f, -1f];
        float[] constants = [.. Enumerable.Range(0, blocks).Select(block => scales[block % scales.Length] * (1 + random.NextSingle()))];
        float[] offsets = offset == BlockOffset.None ? [] : [.. Enumerable.Range(0, blocks).Select(block => block % 3 == 0 ? 0 : random.NextSingle())];
        return (packed, constants, offsets);
    }

    private static DataType TableOf(int bits, bool withSpecials)
    {
        var random = new Random(bits);
        float[] table = [.. Enumerable.Range(0, 1 << bits).Select(_ => (random.NextSingle() * 2) - 1)];
        if (withSpecials)
            (table[1], table[2]) = (float.NaN, float.NegativeInfinity);
        return new DataType($"table{bits}", table);
    }

    private static ushort[] Bits(Vector256<ushort> vector)
    {
        var bits = new ushort[Vector256<ushort>.Count];
        vector.CopyTo(bits);
        return bits;
    }

    private static ushort[] Bits(Vector512<ushort> vector)
    {
        var bits = new ushort[Vector512<ushort>.Count];
        vector.CopyTo(bits);
        return bits;
    }
}
