using System.Diagnostics;

namespace KBitQuant.Benchmarks;

/// <summary>Times alternatives side by side: they take turns, so that a machine that slows down slows them all.</summary>
internal static class Interleaved
{
    /// <summary>Median seconds of one call of each body; a body is called with each index of the rotation in turn.</summary>
    public static double[] Medians(IReadOnlyList<Action<int>> bodies, int rounds, int rotation)
    {
        var seconds = bodies.Select(_ => new List<double>()).ToArray();
        for (int round = -1; round < rounds; round++)
        {
            for (int body = 0; body < bodies.Count; body++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int index = 0; index < rotation; index++)
                    bodies[body](index);
                // The first round warms up.
                if (round >= 0)
                    seconds[body].Add(Stopwatch.GetElapsedTime(start).TotalSeconds / rotation);
            }
        }

        return [.. seconds.Select(times => times.Order().ElementAt(rounds / 2))];
    }
}
