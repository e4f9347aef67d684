using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Benchmarking;

/// <summary>Weights of random codes and constants: made at once, where quantizing would take minutes.</summary>
internal static class RandomWeight
{
    public static QuantizedTensor Make(MatMulCell cell, int seed)
    {
        var random = new Random(seed);
        QuantizationScheme scheme = cell.Scheme;
        int length = checked(cell.Rows * cell.Columns);
        int blocks = scheme.BlockCount(length);
        var codes = new byte[Packing.BitPacking.PackedLength(length, scheme.DataType.Bits)];
        random.NextBytes(codes);
        // A table that is not full has codes that random bits must not name.
        if (scheme.DataType.Codebook.Length != 1 << scheme.DataType.Bits)
            FillWithSmallCodes(codes, scheme.DataType, length, random);
        float[] constants = Values(random, blocks, 0.01f);
        NestedConstants? nested = scheme.Nested ? NestedConstants.Quantize(constants) : null;
        byte[] offsets = scheme.Offset == BlockOffset.None ? [] : Encode(scheme.Constants, Values(random, blocks, -0.003f));
        return new QuantizedTensor(cell.Rows, cell.Columns, scheme, codes, nested is null ? Encode(scheme.Constants, constants) : [], nested, offsets);
    }

    private static void FillWithSmallCodes(byte[] packed, DataType type, int length, Random random)
    {
        var codes = new byte[length];
        for (int i = 0; i < length; i++)
            codes[i] = (byte)random.Next(type.Codebook.Length);
        Packing.BitPacking.Pack(codes, type.Bits, packed);
    }

    /// <summary>Values between the scale and twice the scale.</summary>
    private static float[] Values(Random random, int count, float scale)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = scale * (1 + random.NextSingle());
        return values;
    }

    private static byte[] Encode(ConstantFormat format, float[] values)
    {
        var bytes = new byte[format.ByteLength(values.Length)];
        format.Encode(values, bytes);
        return bytes;
    }
}
