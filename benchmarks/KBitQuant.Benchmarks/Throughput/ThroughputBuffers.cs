namespace KBitQuant.Benchmarks.Throughput;

/// <summary>Floats to convert, and room for converted ones: several arrays, together larger than caches.</summary>
internal sealed class ThroughputBuffers
{
    /// <summary>Elements of an array.</summary>
    public const int Elements = 1 << 22;

    /// <summary>Arrays that a pass goes through.</summary>
    public const int Rotation = 16;

    public const long Bytes = (long)Rotation * Elements * sizeof(float);

    /// <summary>Rows and columns of <see cref="Weight"/>.</summary>
    public const int WeightSide = 1 << 12;

    /// <summary>A square weight.</summary>
    public float[] Weight { get; } = BenchmarkData.Normal(WeightSide * WeightSide, Rotation);

    public float[][] Sources { get; } = [.. Enumerable.Range(0, Rotation).Select(seed => BenchmarkData.Normal(Elements, seed))];

    public float[][] Destinations { get; } = [.. Enumerable.Range(0, Rotation).Select(seed => BenchmarkData.Normal(Elements, seed))];
}
