using System.Globalization;
using KBitQuant.Benchmarks.Peers.Ours;
using KBitQuant.Compute;

namespace KBitQuant.Benchmarks.Peers;

/// <summary>The results for one shape and batch size.</summary>
internal sealed class PeersTable(Problem problem, int m, int threads, Ceilings ceilings)
{
    private static readonly MarkdownColumn[] Columns =
    [
        new("library, format", IsNumber: false), new("inputs", IsNumber: false), new("MB"), new("median ms"), new("best ms"), new("error"), new("GB/s"),
        new("GFLOP/s"), new("of read limit"), new("of FMA limit"), new("x best peer, exact"), new("x best peer, int8"),
    ];

    private readonly List<Row> _rows = [];

    public required double? OtherProcessors { get; init; }

    public required IReadOnlyList<string> Skipped { get; init; }

    public void Add(PeersBenchmark.Entry entry, string remark, Timing timing, double error) =>
        _rows.Add(new Row(entry, entry.Name + remark, timing, error, error <= problem.ErrorLimit(entry.Format.Activations)));

    public void WriteTo(MarkdownReport report)
    {
        string others = OtherProcessors is { } busy ? Text($"; other processes used {busy:F2} processors") : "";
        report.Add($"## N={problem.N} K={problem.K}, M={m}, {threads} {(threads == 1 ? "thread" : "threads")}");
        report.Add(Text($"Ceilings: read {ceilings.ReadGigabytes:F1} GB/s, multiply-add {ceilings.GigaFlops:F0} GFLOP/s{others}."));
        report.AddTable(Columns, _rows.OrderBy(row => row.Entry.Format.Activations).ThenBy(row => row.Timing.Median).Select(Cells));
        foreach (string line in Skipped)
            report.Add(line);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private string[] Cells(Row row)
    {
        (PeersBenchmark.Entry entry, string name, Timing timing, double error, bool isRight) = row;
        double megabytes = entry.Weight.ByteLength / 1e6;
        double gigabytesPerSecond = megabytes / 1e3 / timing.Median;
        double gigaFlops = 2e-9 * m * problem.N * problem.K / timing.Median;
        return
        [
            IsOurs(row) ? $"**{name}**" : name,
            entry.Format.Activations == ActivationPrecision.Exact ? "exact" : "int8",
            Text($"{megabytes:F1}"), Text($"{timing.Median * 1e3:F3}"), Text($"{timing.Minimum * 1e3:F3}"),
            Text($"{error:0.0e-0}{(isRight ? "" : " WRONG")}"),
            Text($"{gigabytesPerSecond:F1}"), Text($"{gigaFlops:F0}"),
            Text($"{gigabytesPerSecond / ceilings.ReadGigabytes * 100:F0}%"), Text($"{gigaFlops / ceilings.GigaFlops * 100:F0}%"),
            Ratio(row, ActivationPrecision.Exact), Ratio(row, ActivationPrecision.Int8),
        ];
    }

    /// <summary>How many times as fast as the fastest peer that keeps at least as many bits and takes its inputs like that.</summary>
    private string Ratio(Row row, ActivationPrecision activations)
    {
        double[] peers =
        [
            .. from other in _rows
               where !IsOurs(other) && other.IsRight && other.Entry.Format.Activations == activations && other.Entry.Format.Bits >= row.Entry.Format.Bits
               select other.Timing.Median,
        ];
        return peers.Length == 0 || !row.IsRight ? "" : Text($"{peers.Min() / row.Timing.Median:F2}");
    }

    private static bool IsOurs(Row row) => row.Entry.Peer is OurPeer;

    private sealed record Row(PeersBenchmark.Entry Entry, string Name, Timing Timing, double Error, bool IsRight);
}
