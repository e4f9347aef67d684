namespace KBitQuant.Compute.Benchmarking;

/// <summary>Times alternatives side by side: they take turns, so that a machine that slows down slows them all.</summary>
internal static class Interleaved
{
    /// <summary>An alternative that has had this much time sits out the other rounds, once it has <see cref="FewestSamples"/>.</summary>
    private const double SecondsEach = 4;
    private const int FewestSamples = 5;

    /// <summary>Times of the alternatives, in their order. A round runs each once; the first round warms up.</summary>
    public static Timing[] Measure(IReadOnlyList<TimedPass> passes, int rounds, CancellationToken cancellationToken = default)
    {
        var samples = passes.Select(_ => new List<double>()).ToArray();
        var spent = new double[passes.Count];
        for (int round = -1; round < rounds; round++)
        {
            for (int i = 0; i < passes.Count; i++)
            {
                if (samples[i].Count >= FewestSamples && spent[i] > SecondsEach)
                    continue;
                cancellationToken.ThrowIfCancellationRequested();
                double sample = 0;
                spent[i] += TimedPass.Seconds(() => sample = passes[i].Run());
                if (round >= 0)
                    samples[i].Add(sample);
                Thread.Sleep(passes[i].Rest);
            }
        }

        return [.. samples.Select(Timing.Of)];
    }
}
