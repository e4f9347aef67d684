using System.Globalization;
using KBitQuant.Benchmarks.Peers;
using KBitQuant.Benchmarks.Peers.Ggml;

namespace KBitQuant.Benchmarks.Throughput;

/// <summary>
/// Quantize and dequantize rates in GB/s of 32-bit floats, of this library and of ggml, next to the rates of copying and writing in the same run.
/// Buffers rotate past the caches; each round runs every row once, and medians over the rounds are printed. All processors work.
/// </summary>
internal static class ThroughputBenchmark
{
    private const int PartLength = 1 << 14;
    private const int PartsOfArray = ThroughputBuffers.Elements / PartLength;

    private static readonly (string Type, int Block, bool Nested)[] Ours =
    [
        ("nf4", 64, false), ("nf4", 64, true), ("int4", 64, false), ("float4", 64, false), ("quantile4", 64, false), ("fp4", 64, false),
        ("int3", 64, false), ("nf3", 64, false), ("int8", 64, false), ("dynamic8", 256, false), ("nf5", 64, false), ("nf6", 64, false), ("nf8", 64, false),
    ];

    private static readonly GgmlType[] Theirs = [GgmlType.Q4_0, GgmlType.Q4_K, GgmlType.Q8_0, GgmlType.IQ4_NL];

    public static void Run(MarkdownReport report, int rounds)
    {
        int threads = Environment.ProcessorCount;
        (GgmlLibrary? ggml, string? skipped) = LoadGgml();
        report.AddHeader($"Quantize and dequantize, {threads} {(threads == 1 ? "thread" : "threads")}", ggml is null ? [] : [$"ggml {ggml.Version}"]);
        if (skipped is not null)
            report.Add(skipped);
        var buffers = new ThroughputBuffers();
        List<IThroughputRow> rows = [.. Ours.Select(row => new OurRow(row.Type, row.Block, row.Nested, buffers))];
        if (ggml is not null)
            rows.AddRange(Theirs.Select(type => new GgmlRow(type, buffers)));
        TimedPass[] ceilings = [new(new PartsJob(PartsOfArray, Copy).Run), new(new PartsJob(PartsOfArray, Fill).Run)];
        Timing[] timings = Interleaved.Measure([.. ceilings, .. rows.SelectMany(row => new TimedPass[] { new(row.Quantize), new(row.Dequantize) })], rounds);

        double writeRate = Rate(ThroughputBuffers.Bytes, timings[1]);
        report.Add(Text($"GB/s of 32-bit floats. Copying them: {Rate(ThroughputBuffers.Bytes, timings[0]):F1} GB/s; writing them: {writeRate:F1} GB/s."));
        MarkdownColumn[] columns = [new("format", IsNumber: false), new("quantize"), new("dequantize"), new("of writing")];
        report.AddTable(columns, rows.Select((row, i) =>
        {
            double quantize = Rate(row.QuantizedBytes, timings[ceilings.Length + (2 * i)]);
            double dequantize = Rate(ThroughputBuffers.Bytes, timings[ceilings.Length + (2 * i) + 1]);
            return new[] { row.Name, Text($"{quantize:F2}"), Text($"{dequantize:F2}"), Text($"{dequantize / writeRate * 100:F0}%") };
        }));

        void Copy(int array, int part) =>
            buffers.Sources[array].AsSpan(part * PartLength, PartLength).CopyTo(buffers.Destinations[array].AsSpan(part * PartLength));
        void Fill(int array, int part) => buffers.Destinations[array].AsSpan(part * PartLength, PartLength).Fill(part);
    }

    private static double Rate(long bytes, Timing timing) => bytes / timing.Median / 1e9;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static (GgmlLibrary? Library, string? Skipped) LoadGgml()
    {
        try
        {
            return (GgmlLibrary.Load(), null);
        }
        catch (PeerUnavailableException exception)
        {
            return (null, $"ggml is skipped: {exception.Message}");
        }
    }
}
