namespace KBitQuant.Tests;

/// <summary>Keeps what is reported, by whichever thread.</summary>
internal sealed class RecordedProgress : IProgress<double>
{
    private readonly Lock _lock = new();

    public List<double> Values { get; } = [];

    public void Report(double value)
    {
        lock (_lock)
            Values.Add(value);
    }
}
