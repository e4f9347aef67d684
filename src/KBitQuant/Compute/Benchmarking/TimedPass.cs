using System.Diagnostics;

namespace KBitQuant.Compute.Benchmarking;

/// <summary>One alternative of a comparison.</summary>
/// <param name="Run">Does what is timed and returns the seconds that it took.</param>
/// <param name="Rest">How long to sleep afterwards: some libraries' threads spin for a while, on processors that the next one needs.</param>
internal sealed record TimedPass(Func<double> Run, TimeSpan Rest = default)
{
    /// <summary>Work on the processor, timed from outside.</summary>
    public TimedPass(Action work, TimeSpan rest = default)
        : this(() => Seconds(work), rest)
    {
    }

    /// <summary>The seconds that work takes.</summary>
    public static double Seconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
