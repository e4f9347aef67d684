using KBitQuant.Compute.Benchmarking;
using KBitQuant.Numerics;
using KBitQuant.Tool.Options;

namespace KBitQuant.Tool.Output;

/// <summary>What <c>bench</c> says: a table for each weight as soon as it is done, or one document at the end.</summary>
internal sealed class BenchReport
{
    private static readonly string[] Titles = ["M", "us", "best us", "GB/s", "of read", "TFLOP/s", "of peak", "error", "kernel"];
    private static readonly int[] Widths = [5, 10, 10, 7, 7, 8, 7, 7, -20];

    private readonly BenchmarkDevice _device;
    private readonly ToolOutput _output;
    private readonly string _input;
    private readonly bool _isTimed;
    private readonly List<MatMulResult> _results = [];

    /// <param name="device">What the products run on.</param>
    /// <param name="output">Receives the report.</param>
    /// <param name="isTimed">Whether the products are timed, not only checked.</param>
    public BenchReport(BenchmarkDevice device, ToolOutput output, bool isTimed)
    {
        (_device, _output, _isTimed) = (device, output, isTimed);
        _input = device.Element == typeof(Half) ? "fp16" : device.Element == typeof(BFloat16) ? "bf16" : "fp32";
        string measured = isTimed ? $"medians; weights rotate over {Quantities.Bytes(device.RotationBytes)}" : "checked, not timed";
        output.Say($"{device.Description}; inputs {_input}; {measured}.");
    }

    /// <summary>The results of one weight.</summary>
    public void Add(IReadOnlyList<MatMulResult> results)
    {
        _results.AddRange(results);
        MatMulResult first = results[0];
        string ceilings = results.FirstOrDefault(result => result.Ceilings is not null)?.Ceilings is { } measured
            ? $"; the device reads {measured.ReadGigabytes:F1} GB/s and computes {Three(measured.GigaFlops / 1e3)} TFLOP/s"
            : "";
        _output.Say("", $"{first.Cell.Rows} x {first.Cell.Columns}, {first.Cell.Scheme}, {Quantities.Bytes(first.WeightBytes)}{ceilings}", "");
        _output.Say(Line(Titles), Line([.. Widths.Select(width => width < 0 ? ":--" : "--:")]));
        foreach (MatMulResult result in results)
            _output.Say(Line(Cells(result)));
    }

    /// <summary>The document.</summary>
    /// <exception cref="InvalidOperationException">A product failed.</exception>
    public void End()
    {
        if (_output.IsJson)
        {
            _output.Show(new
            {
                environment = new EnvironmentDocument(_device.Device),
                input = _input,
                rotationBytes = _isTimed ? _device.RotationBytes : (long?)null,
                results = _results.Select(Describe),
            });
        }

        int failed = _results.Count(result => result.Failure is not null);
        if (failed > 0)
            throw new InvalidOperationException($"{failed} of {_results.Count} products failed.");
    }

    private object Describe(MatMulResult result) => new
    {
        n = result.Cell.Rows,
        k = result.Cell.Columns,
        m = result.Cell.BatchSize,
        scheme = new SchemeDocument(result.Cell.Scheme),
        kernel = result.KernelName,
        activations = result.KernelName == "" ? null : ActivationsOption.WordOf(_device.PrecisionOf(result.KernelName).Activations),
        weightBytes = result.WeightBytes,
        microseconds = result.Time?.Median * 1e6,
        bestMicroseconds = result.Time?.Minimum * 1e6,
        weightGigabytesPerSecond = result.WeightGigabytesPerSecond,
        teraflopsPerSecond = result.TeraflopsPerSecond,
        readGigabytesPerSecond = result.Ceilings?.ReadGigabytes,
        peakTeraflopsPerSecond = result.Ceilings?.GigaFlops / 1e3,
        shareOfRead = result.ShareOfRead,
        shareOfPeak = result.ShareOfPeak,
        relativeError = result.RelativeError,
        failure = result.Failure,
    };

    private static string[] Cells(MatMulResult result) =>
    [
        $"{result.Cell.BatchSize}",
        result.Time is { } time ? $"{time.Median * 1e6:F2}" : "",
        result.Time is { } best ? $"{best.Minimum * 1e6:F2}" : "",
        $"{result.WeightGigabytesPerSecond:F1}",
        Percent(result.ShareOfRead),
        result.TeraflopsPerSecond is { } teraflops ? Three(teraflops) : "",
        Percent(result.ShareOfPeak),
        $"{result.RelativeError:0.0e-0}",
        result.Failure is null ? result.KernelName : $"{result.KernelName} FAILED: {result.Failure}".TrimStart(),
    ];

    private static string Line(string[] cells) =>
        $"| {string.Join(" | ", cells.Zip(Widths, (cell, width) => width < 0 ? cell.PadRight(-width) : cell.PadLeft(width)))} |";

    private static string Percent(double? share) => share is { } value ? $"{value * 100:F0}%" : "";

    /// <summary>A number in about three digits.</summary>
    private static string Three(double value) => value switch
    {
        >= 100 => $"{value:F0}",
        >= 10 => $"{value:F1}",
        >= 1 => $"{value:F2}",
        _ => $"{value:F3}",
    };
}
