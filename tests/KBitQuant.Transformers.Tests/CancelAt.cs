namespace KBitQuant.Transformers.Tests;

/// <summary>Cancels work when it has reported its progress so often.</summary>
internal sealed class CancelAt(CancellationTokenSource cancellation, int reports) : IProgress<double>
{
    private int _reports;

    /// <summary>How often there was a report.</summary>
    public int Reports => _reports;

    public void Report(double value)
    {
        if (Interlocked.Increment(ref _reports) == reports)
            cancellation.Cancel();
    }
}
