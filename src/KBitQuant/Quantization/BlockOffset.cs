namespace KBitQuant.Quantization;

/// <summary>What is subtracted from a block before its constant is found, stored beside the constant, and added back:
/// w = constant * table[code] + offset.</summary>
public enum BlockOffset
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The block's mean: the distribution centering of section 2.3 of arXiv 2212.09720.</summary>
    Mean,

    /// <summary>The block's smallest value, for unsigned tables such as <c>uint4</c>: block minima, or zero points.</summary>
    Minimum,
}
