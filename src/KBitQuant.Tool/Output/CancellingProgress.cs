namespace KBitQuant.Tool.Output;

/// <summary>Shows progress at once, on the reporting thread, and stops the work there where it was cancelled.</summary>
internal sealed class CancellingProgress(Action<double> show, CancellationToken cancellationToken) : IProgress<double>
{
    public void Report(double value)
    {
        cancellationToken.ThrowIfCancellationRequested();
        show(value);
    }
}
