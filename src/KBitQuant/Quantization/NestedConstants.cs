using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>
/// Block constants quantized to 8 bits (double quantization, section 3 of QLoRA, arXiv 2305.14314, in bitsandbytes' layout): the
/// mean of all constants is subtracted, the rest is quantized by the signed dynamic 8-bit type in blocks of 256 with a 32-bit
/// constant each. constant[b] = dynamic8[code[b]] * outer[b / 256] + mean.
/// </summary>
public sealed class NestedConstants
{
    /// <summary>Constants that share an outer constant.</summary>
    public const int BlockSize = 256;

    /// <summary>Bits of one code.</summary>
    public const int Bits = 8;

    private readonly byte[] _codes;
    private readonly float[] _outer;

    /// <summary>Takes parts as a file brings them. The arrays are kept, not copied: nobody may change them afterwards.</summary>
    /// <param name="codes">A dynamic8 code for each block.</param>
    /// <param name="outer">An outer constant for every 256 codes, the last group possibly short.</param>
    /// <param name="mean">What is added to every constant.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other, or a value is not finite.</exception>
    public NestedConstants(byte[] codes, float[] outer, float mean)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(outer);
        if (outer.Length != OuterCount(codes.Length))
            throw new ArgumentException($"{codes.Length} nested constants have {OuterCount(codes.Length)} outer constants; {outer.Length} were given.", nameof(outer));
        if (!float.IsFinite(mean) || !outer.All(float.IsFinite))
            throw new ArgumentException("The outer constants and the mean of nested constants are finite numbers.", nameof(outer));
        (_codes, _outer, Mean) = (codes, outer, mean);
    }

    /// <summary>The type of the codes: the signed 8-bit dynamic exponent.</summary>
    public static DataType DataType { get; } = DynamicExponent.Signed(Bits);

    /// <summary>A code for each block.</summary>
    public ReadOnlySpan<byte> Codes => _codes;

    /// <summary>An outer constant for every 256 codes.</summary>
    public ReadOnlySpan<float> Outer => _outer;

    /// <summary>The mean that is added back.</summary>
    public float Mean { get; }

    /// <summary>Quantizes constants.</summary>
    /// <param name="constants">The 32-bit constants.</param>
    /// <exception cref="ArgumentException">One is NaN or infinite, or further from their mean than the largest float.</exception>
    public static NestedConstants Quantize(ReadOnlySpan<float> constants)
    {
        double sum = 0;
        foreach (float constant in constants)
            sum += constant;
        float mean = constants.IsEmpty ? 0 : (float)(sum / constants.Length);
        var codes = new byte[constants.Length];
        var outer = new float[OuterCount(constants.Length)];
        Span<float> centered = stackalloc float[BlockSize];
        for (int group = 0; group < outer.Length; group++)
        {
            int start = group * BlockSize;
            Span<float> part = centered[..Math.Min(BlockSize, constants.Length - start)];
            for (int i = 0; i < part.Length; i++)
                part[i] = constants[start + i] - mean;
            float largest = AbsMax.Of<float>(part);
            if (!float.IsFinite(largest))
                throw new ArgumentException($"Constants are finite, and no further from their mean than the largest float; among {start} to {start + part.Length - 1} is another.", nameof(constants));
            outer[group] = largest < ConstantFormat.SmallestConstant ? 0 : largest;
            NearestEntry.Encode(part, 0, outer[group], DataType.Search, codes.AsSpan(start, part.Length));
        }

        return new NestedConstants(codes, outer, mean);
    }

    /// <summary>Decodes all constants, each product and sum rounded once, as bitsandbytes does.</summary>
    /// <param name="constants">As long as <see cref="Codes"/>.</param>
    /// <exception cref="ArgumentException">The length differs.</exception>
    public void Dequantize(Span<float> constants)
    {
        if (constants.Length != _codes.Length)
            throw new ArgumentException($"There are {_codes.Length} constants; a span for {constants.Length} was given.", nameof(constants));
        ReadOnlySpan<float> table = DataType.Codebook;
        for (int i = 0; i < constants.Length; i++)
            constants[i] = (table[_codes[i]] * _outer[i / BlockSize]) + Mean;
    }

    private static int OuterCount(int count) => (count + BlockSize - 1) / BlockSize;
}
