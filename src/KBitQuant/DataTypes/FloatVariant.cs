namespace KBitQuant.DataTypes;

/// <summary>The three definitions of a k-bit float in use; after normalization they differ only in their subnormals.</summary>
public enum FloatVariant
{
    /// <summary>Equation 5 of the appendix of arXiv 2212.09720: bias 2^(E-1)+1, a larger exponent field is a smaller value. With
    /// E2M1 this is bitsandbytes' FP4, code for code.</summary>
    PaperAppendix,

    /// <summary>IEEE 754 and OCP: bias 2^(E-1)-1, subnormals continue the lowest binade. E2M1 is the FP4 of MX and NVFP4.</summary>
    Ieee,

    /// <summary>bitsandbytes' <c>create_fp8_map</c>: bias 2^(E-1), its subnormals lie a factor 2 below the IEEE ones.</summary>
    BitsAndBytesMap,
}
