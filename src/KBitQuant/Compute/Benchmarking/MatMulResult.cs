namespace KBitQuant.Compute.Benchmarking;

/// <summary>What a product took and how right it was, or why it failed.</summary>
/// <param name="Cell">The product.</param>
/// <param name="KernelName">The kernel that computed it, or was to; empty where none was found.</param>
/// <param name="WeightBytes">Bytes of the quantized weight, codes and constants.</param>
internal sealed record MatMulResult(MatMulCell Cell, string KernelName, long WeightBytes)
{
    /// <summary>What is wrong; null where nothing is. Without it, there is no time either.</summary>
    public string? Failure { get; init; }

    /// <summary>The norm of the outputs' errors over the norm of the outputs.</summary>
    public double? RelativeError { get; init; }

    /// <summary>Seconds of one product; null where it was only checked.</summary>
    public Timing? Time { get; init; }

    /// <summary>What the device could do meanwhile.</summary>
    public Ceilings? Ceilings { get; init; }

    /// <summary>GB/s of the quantized weight, by the median time.</summary>
    public double? WeightGigabytesPerSecond => WeightBytes / Time?.Median / 1e9;

    /// <summary>TFLOP/s, by the median time.</summary>
    public double? TeraflopsPerSecond => Cell.Flops / Time?.Median / 1e12;

    /// <summary>The share of the device's read bandwidth.</summary>
    public double? ShareOfRead => WeightGigabytesPerSecond / Ceilings?.ReadGigabytes;

    /// <summary>The share of the device's peak of floating-point operations.</summary>
    public double? ShareOfPeak => TeraflopsPerSecond * 1e3 / Ceilings?.GigaFlops;
}
