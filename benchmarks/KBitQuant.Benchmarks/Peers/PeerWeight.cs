namespace KBitQuant.Benchmarks.Peers;

/// <summary>A quantized weight, from which any number of copies can be prepared.</summary>
internal abstract class PeerWeight
{
    /// <summary>Bytes of codes and constants as they are stored.</summary>
    public abstract long ByteLength { get; }

    /// <summary>Decodes the weight, [N, K].</summary>
    public abstract void Dequantize(float[] destination);

    /// <summary>Prepares copies for products with m input rows.</summary>
    /// <exception cref="PeerUnavailableException">The library cannot do it here.</exception>
    public abstract Product Prepare(int m, int threads, int copies);
}
