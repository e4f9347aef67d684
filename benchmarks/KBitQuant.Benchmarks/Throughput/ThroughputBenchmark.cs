using System.Globalization;
using System.Runtime.Intrinsics;
using KBitQuant.Benchmarks.Peers;
using KBitQuant.Benchmarks.Peers.Ggml;

namespace KBitQuant.Benchmarks.Throughput;

/// <summary>
/// Quantize and dequantize rates in GB/s of floats, and rates of preparing weights, of this library and of ggml, next to the rates of copying and writing in the same run.
/// Buffers rotate past the caches; each round runs every row once, and medians over the rounds are printed. All processors work.
/// </summary>
internal static class ThroughputBenchmark
{
    private const int PartLength = 1 << 14;
    private const int CacheLine = 64;
    private const int PartsOfArray = ThroughputBuffers.Elements / PartLength;

    private static readonly (string Type, int Block, bool Nested)[] Ours =
    [
        ("nf4", 64, false), ("nf4", 64, true), ("int4", 64, false), ("float4", 64, false), ("quantile4", 64, false), ("fp4", 64, false),
        ("int2", 64, false), ("int3", 64, false), ("nf3", 64, false), ("nf5", 64, false), ("float5", 64, false), ("nf6", 64, false),
        ("int7", 64, false), ("nf7", 64, false), ("int8", 64, false), ("nf8", 64, false), ("dynamic8", 256, false), ("fp8-e4m3", 64, false),
    ];

    private static readonly GgmlType[] Theirs = [GgmlType.Q4_0, GgmlType.Q4_K, GgmlType.Q8_0, GgmlType.IQ4_NL];

    public static void Run(MarkdownReport report, int rounds)
    {
        int threads = Environment.ProcessorCount;
        (GgmlLibrary? ggml, string? skipped) = LoadGgml();
        report.AddHeader($"Quantize and dequantize, {threads} {(threads == 1 ? "thread" : "threads")}", ggml is null ? [] : [$"ggml {ggml.Version}"]);
        if (skipped is not null)
            report.Add(skipped);
        FreedMemory.Keep();
        var buffers = new ThroughputBuffers();
        List<IThroughputRow> rows = [.. Ours.Select(row => new OurRow(row.Type, row.Block, row.Nested, buffers))];
        if (ggml is not null)
            rows.AddRange(Theirs.Select(type => new GgmlRow(type, buffers)));
        TimedPass[] ceilings = [new(new PartsJob(PartsOfArray, Copy).Run), new(new PartsJob(PartsOfArray, Fill).Run), new(new PartsJob(PartsOfArray, Stream).Run)];
        Timing[] timings = Interleaved.Measure([.. ceilings, .. rows.SelectMany(PassesOf)], rounds);

        double[] rates = [.. timings[..ceilings.Length].Select(timing => Rate(ThroughputBuffers.Bytes, timing))];
        report.Add(Text($"GB/s of 32-bit floats. Copying them: {rates[0]:F1} GB/s; writing them: {rates[1]:F1} GB/s through the caches, {rates[2]:F1} past them."));
        double writing = Math.Max(rates[1], rates[2]);
        report.Add("Percentages are of the faster way of writing, in bytes. The last column is of a weight of 4096 x 4096, in canonical bytes (codes and constants), to memory that the process has.");
        MarkdownColumn[] columns = [new("format", IsNumber: false), new("quantize"), new("dequantize"), new("of writing"), new("to 16 bits"), new("of writing"), new("prepare")];
        int at = ceilings.Length;
        report.AddTable(columns, rows.Select(row =>
        {
            double quantize = Rate(row.QuantizedBytes, timings[at]);
            double dequantize = Rate(ThroughputBuffers.Bytes, timings[at + 1]);
            double? toHalf = row.DequantizeToHalf is null ? null : Rate(ThroughputBuffers.Bytes / 2, timings[at + 2]);
            double? prepare = row.Prepare is null ? null : Rate(row.PreparedBytes, timings[at + 3]);
            at += PassesOf(row).Count();
            return new[]
            {
                row.Name, Text($"{quantize:F2}"), Text($"{dequantize:F2}"), Text($"{dequantize / writing * 100:F0}%"),
                Text($"{toHalf:F2}"), toHalf is null ? "" : Text($"{toHalf / writing * 100:F0}%"), Text($"{prepare:F2}"),
            };
        }));

        void Copy(int array, int part) =>
            buffers.Sources[array].AsSpan(part * PartLength, PartLength).CopyTo(buffers.Destinations[array].AsSpan(part * PartLength));
        void Fill(int array, int part) => buffers.Destinations[array].AsSpan(part * PartLength, PartLength).Fill(part);
        unsafe void Stream(int array, int part)
        {
            fixed (float* start = &buffers.Destinations[array][part * PartLength])
            {
                // Whole lines only. Wider stores would be ordinary ones where the processor lacks them.
                var line = (float*)(((nint)start + CacheLine - 1) & -CacheLine);
                for (; line <= start + PartLength - (2 * Vector256<float>.Count); line += 2 * Vector256<float>.Count)
                {
                    Vector256.StoreAlignedNonTemporal(Vector256<float>.One, line);
                    Vector256.StoreAlignedNonTemporal(Vector256<float>.One, line + Vector256<float>.Count);
                }
            }
        }
    }

    private static IEnumerable<TimedPass> PassesOf(IThroughputRow row)
    {
        Action?[] actions = [row.Quantize, row.Dequantize, row.DequantizeToHalf, row.Prepare];
        return actions.OfType<Action>().Select(action => new TimedPass(action));
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
