namespace KBitQuant.Benchmarks.Peers.Ggml;

/// <summary>A weight in one of ggml's formats.</summary>
internal sealed class GgmlWeight : PeerWeight
{
    private readonly GgmlLibrary _library;
    private readonly GgmlCodec _codec;

    public GgmlWeight(GgmlLibrary library, Problem problem, GgmlType type)
    {
        (_library, Problem, Type) = (library, problem, type);
        _codec = new GgmlCodec(type, problem.K);
        Bytes = new byte[problem.N * _codec.RowBytes];
        Parallel.For(0, problem.N, row => _codec.Quantize(problem.Weight.AsSpan(row * problem.K, problem.K), Bytes.AsSpan(row * _codec.RowBytes, _codec.RowBytes)));
    }

    public Problem Problem { get; }

    public GgmlType Type { get; }

    public byte[] Bytes { get; }

    public override long ByteLength => Bytes.Length;

    public override void Dequantize(float[] destination) => _codec.Dequantize(Bytes, destination);

    public override Product Prepare(int m, int threads, int copies) => new GgmlProduct(_library, this, m, threads, copies);
}
