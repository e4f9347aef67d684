namespace KBitQuant.Benchmarks.Throughput;

/// <summary>Floats to convert, and room for converted ones and for codes: several arrays, together larger than caches. All rows share them: with arrays of
/// its own, each would be as fast as the memory that the system happens to give it.</summary>
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

    /// <summary>Room for codes of up to 8 bits, of which each page has been written.</summary>
    public byte[][] Codes { get; } = [.. Enumerable.Range(0, Rotation).Select(_ => Written(Elements))];

    private static byte[] Written(int length)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill(byte.MaxValue);
        return bytes;
    }
}
