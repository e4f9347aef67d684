using System.Diagnostics;

namespace KBitQuant.Benchmarks;

/// <summary>Times alternatives side by side: they take turns, so that a machine that slows down slows them all.</summary>
internal static class Interleaved
{
    /// <summary>An alternative that has had this much time sits out the other rounds, once it has <see cref="FewestSamples"/>.</summary>
    private const double SecondsEach = 4;
    private const int FewestSamples = 5;

    /// <summary>Times of the alternatives, in their order. A round runs each once; the first round warms up.</summary>
    public static Timing[] Measure(IReadOnlyList<TimedPass> passes, int rounds)
    {
        var samples = passes.Select(_ => new List<double>()).ToArray();
        for (int round = -1; round < rounds; round++)
        {
            for (int i = 0; i < passes.Count; i++)
            {
                if (samples[i].Count >= FewestSamples && samples[i].Sum() > SecondsEach)
                    continue;
                long start = Stopwatch.GetTimestamp();
                passes[i].Run();
                if (round >= 0)
                    samples[i].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                Thread.Sleep(passes[i].Rest);
            }
        }

        return [.. samples.Select(Timing.Of)];
    }

    /// <summary>Median seconds of one call of each body; a body is called with each index of the rotation in turn.</summary>
    public static double[] Medians(IReadOnlyList<Action<int>> bodies, int rounds, int rotation)
    {
        IEnumerable<TimedPass> passes = bodies.Select(body => new TimedPass(() =>
        {
            for (int index = 0; index < rotation; index++)
                body(index);
        }));
        return [.. Measure([.. passes], rounds).Select(timing => timing.Median / rotation)];
    }
}
