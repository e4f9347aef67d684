namespace KBitQuant.Compute.Benchmarking;

/// <summary>A product that can be run over and over.</summary>
internal abstract class BenchmarkProduct : IDisposable
{
    /// <summary>Computes it once and waits for it.</summary>
    public abstract void RunOnce();

    /// <summary>Computes it at least so many times in a row and returns the seconds of one.</summary>
    public abstract double SecondsEach(int count);

    /// <summary>The outputs of the last product, [M, N].</summary>
    public abstract float[] Outputs();

    public abstract void Dispose();
}
