namespace KBitQuant.Benchmarks.Peers.OnnxRuntime;

/// <summary>A weight as one of ONNX Runtime's operators takes it.</summary>
internal sealed class OnnxWeight(Problem problem, Action<float[]> dequantize) : PeerWeight
{
    public Problem Problem => problem;

    /// <summary>The operator's name.</summary>
    public required string Operator { get; init; }

    /// <summary>Its attributes beside N and K.</summary>
    public required IReadOnlyList<(string Name, int Value)> Attributes { get; init; }

    public required byte[] Codes { get; init; }

    public required long[] CodeShape { get; init; }

    public required float[] Scales { get; init; }

    public required long[] ScaleShape { get; init; }

    public override long ByteLength => Codes.Length + (sizeof(float) * (long)Scales.Length);

    public override void Dequantize(float[] destination) => dequantize(destination);

    public override Product Prepare(int m, int threads, int copies) => new OnnxProduct(this, m, threads, copies);
}
