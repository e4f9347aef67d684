using KBitQuant.DataTypes;
using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Benchmarking;

/// <summary>Weights of random codes and constants: made at once, where quantizing would take minutes.</summary>
internal static class RandomWeight
{
    /// <summary>Values that a table is fitted to, where a type has one for each tensor.</summary>
    private const int FittedValues = 1 << 12;

    public static QuantizedTensor Make(int rows, int columns, QuantizationScheme scheme, int seed)
    {
        var random = new Random(seed);
        int length = QuantizedTensor.CheckedLength(rows, columns);
        scheme = scheme with { DataType = scheme.DataType.Fit(Values(random, FittedValues, 1, -1)) };
        int blocks = scheme.BlockCount(length);
        byte[] codes = Codes(random, scheme.DataType, length);
        float[] constants = Values(random, blocks, 0.01f, 0.02f);
        NestedConstants? nested = scheme.Nested ? NestedConstants.Quantize(constants) : null;
        byte[] offsets = scheme.Offset == BlockOffset.None ? [] : Encode(scheme.Constants, Values(random, blocks, -0.003f, -0.006f));
        return new QuantizedTensor(rows, columns, scheme, codes, nested is null ? Encode(scheme.Constants, constants) : [], nested, offsets);
    }

    private static byte[] Codes(Random random, DataType type, int length)
    {
        var packed = new byte[BitPacking.PackedLength(length, type.Bits)];
        random.NextBytes(packed);
        byte[] usable = [.. Enumerable.Range(0, type.Codebook.Length).Where(code => float.IsFinite(type.Codebook[code])).Select(code => (byte)code)];
        if (usable.Length == 1 << type.Bits)
            return packed;
        // A table that is not full, or has reserved codes, has some that random bits must not name.
        var codes = new byte[length];
        random.NextBytes(codes);
        for (int i = 0; i < length; i++)
            codes[i] = usable[codes[i] % usable.Length];
        BitPacking.Pack(codes, type.Bits, packed);
        return packed;
    }

    private static float[] Values(Random random, int count, float from, float to)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = from + ((to - from) * random.NextSingle());
        return values;
    }

    private static byte[] Encode(ConstantFormat format, float[] values)
    {
        var bytes = new byte[format.ByteLength(values.Length)];
        format.Encode(values, bytes);
        return bytes;
    }
}
