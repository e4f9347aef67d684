using System.Diagnostics;
using System.Globalization;

namespace KBitQuant.Benchmarks;

/// <summary>How busy other processes kept the machine meanwhile: what disturbs a measurement, to be printed beside it.</summary>
internal sealed class OtherProcesses
{
    private const string Statistics = "/proc/stat";

    /// <summary>Ticks a second of the kernel's statistics.</summary>
    private const double TicksPerSecond = 100;

    private readonly double _start = ProcessorSeconds();
    private readonly long _startTime = Stopwatch.GetTimestamp();

    /// <summary>Processors in use by others since this object was made, or null where the system does not tell.</summary>
    public double? Processors =>
        double.IsNaN(_start) ? null : Math.Max(0, (ProcessorSeconds() - _start) / Stopwatch.GetElapsedTime(_startTime).TotalSeconds);

    /// <summary>Seconds of all processors in user, nice, system and interrupt time, less this process's own.</summary>
    private static double ProcessorSeconds()
    {
        if (!File.Exists(Statistics))
            return double.NaN;
        string[] fields = File.ReadLines(Statistics).First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int[] busy = [1, 2, 3, 6, 7, 8];
        using var self = Process.GetCurrentProcess();
        return busy.Sum(field => double.Parse(fields[field], CultureInfo.InvariantCulture) / TicksPerSecond) - self.TotalProcessorTime.TotalSeconds;
    }
}
