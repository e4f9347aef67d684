namespace KBitQuant.Benchmarks;

/// <summary>What the machine can do at the moment: read weights from memory, multiply and add.</summary>
/// <param name="ReadGigabytes">GB/s of reading memory that is in no cache.</param>
/// <param name="GigaFlops">GFLOP/s of fused multiply-adds on registers.</param>
internal sealed record Ceilings(double ReadGigabytes, double GigaFlops)
{
    public static Ceilings Measure(int threads)
    {
        using var probe = new CeilingProbe(threads);
        return probe.Result(Interleaved.Measure(probe.Passes, 15));
    }
}
