namespace KBitQuant.Compute.Gpu.Decoder.Attention;

/// <summary>The heads of an attention.</summary>
/// <param name="Count">Query heads.</param>
/// <param name="KeyValueCount">Key and value heads, each shared by equally many query heads.</param>
/// <param name="Size">Elements of a head.</param>
internal readonly record struct GpuHeads(int Count, int KeyValueCount, int Size)
{
    /// <summary>Query heads that share a key and value head.</summary>
    public int QueriesPerKey => Count / KeyValueCount;
}
