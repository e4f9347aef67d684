namespace KBitQuant.Compute;

/// <summary>In which precision a kernel may take its inputs.</summary>
public enum ActivationPrecision
{
    /// <summary>As they are, 16 or 32 bits, with 32-bit accumulation: the paper's setting.</summary>
    Exact,

    /// <summary>
    /// Kernels may round inputs to 8 bits: within each block of up to 64 inputs to multiples of absmax / 127, an error of at most
    /// absmax / 254 an input; and a table of up to 16 entries that is not evenly spaced to multiples of 1/63, an error of at most
    /// constant / 126 a weight. Products are then summed exactly. Kernels that do not round are used where none does.
    /// </summary>
    Int8,
}
