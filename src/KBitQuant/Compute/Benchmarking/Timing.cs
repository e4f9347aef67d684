namespace KBitQuant.Compute.Benchmarking;

/// <summary>Seconds that something took.</summary>
internal readonly record struct Timing(double Median, double Minimum)
{
    public static Timing Of(IReadOnlyCollection<double> samples) => new(samples.Order().ElementAt(samples.Count / 2), samples.Min());

    public static Timing operator /(Timing timing, double count) => new(timing.Median / count, timing.Minimum / count);
}
