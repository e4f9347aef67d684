namespace KBitQuant.Compute.Benchmarking;

/// <summary>A device as benchmarks see it: its ceilings, and products that can be run over and over.</summary>
internal abstract class BenchmarkDevice : IDisposable
{
    /// <summary>The device.</summary>
    public abstract ComputeDevice Device { get; }

    /// <summary>What it is, for people.</summary>
    public abstract string Description { get; }

    /// <summary>The type of inputs and outputs.</summary>
    public abstract Type Element { get; }

    /// <summary>Bytes over which weights rotate, so that no cache holds any of them when its turn comes.</summary>
    public abstract long RotationBytes { get; }

    /// <summary>What finds out the ceilings; to take their turns among products.</summary>
    /// <exception cref="NotSupportedException">Nothing can be timed on the device.</exception>
    public abstract IReadOnlyList<TimedPass> CeilingPasses { get; }

    /// <summary>What the times of <see cref="CeilingPasses"/> mean.</summary>
    public abstract Ceilings CeilingsOf(IReadOnlyList<Timing> timings);

    /// <summary>How exactly one of the device's kernels computes.</summary>
    public abstract KernelPrecision PrecisionOf(string kernelName);

    /// <summary>Inputs rounded to <see cref="Element"/>.</summary>
    public abstract float[] Round(float[] inputs);

    /// <summary>A product of the same inputs with several copies of a weight in turn.</summary>
    public abstract BenchmarkProduct CreateProduct(IReadOnlyList<PreparedWeight> copies, float[] inputs, int m);

    public abstract void Dispose();
}
