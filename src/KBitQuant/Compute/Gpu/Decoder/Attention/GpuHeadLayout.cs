namespace KBitQuant.Compute.Gpu.Decoder.Attention;

/// <summary>Where heads lie in the outputs of the projections: element i of head h of token t at t * stride + h *
/// <paramref name="HeadStride"/> + i, in keys and values after their offset.</summary>
/// <param name="QueryStride">From a token's queries to the next one's.</param>
/// <param name="KeyStride">From a token's keys, or values, to the next one's.</param>
/// <param name="HeadStride">From a head to the next.</param>
/// <param name="KeyOffset">The first key.</param>
/// <param name="ValueOffset">The first value.</param>
internal readonly record struct GpuHeadLayout(int QueryStride, int KeyStride, int HeadStride, int KeyOffset, int ValueOffset);
