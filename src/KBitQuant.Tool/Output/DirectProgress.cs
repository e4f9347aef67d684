namespace KBitQuant.Tool.Output;

/// <summary>Shows progress at once, on the reporting thread.</summary>
internal sealed class DirectProgress(Action<double> show) : IProgress<double>
{
    public void Report(double value) => show(value);
}
