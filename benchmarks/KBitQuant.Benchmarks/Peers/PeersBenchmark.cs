using KBitQuant.Compute.Cpu.Benchmarking;
using KBitQuant.Threading;

namespace KBitQuant.Benchmarks.Peers;

/// <summary>Products of this library beside those of others, in one process: they take turns, weights rotate past the caches,
/// threads are equal, and every output is checked.</summary>
internal sealed class PeersBenchmark(PeersOptions options, IReadOnlyList<Peer> peers, MarkdownReport report)
{
    /// <summary>From here on a product's arithmetic takes much longer than reading its weight, and few copies will do.</summary>
    private const int PrefillRows = 64;
    private const int FewCopies = 2;
    private const int MostCopies = 64;

    /// <summary>The part of the memory that all copies of all weights may take: libraries that pack them keep some twice while they do.</summary>
    private const int MemoryParts = 3;

    /// <summary>Threads of this library spin for microseconds.</summary>
    private static readonly TimeSpan ShortRest = TimeSpan.FromMilliseconds(2);

    public void Run()
    {
        using var workers = new Workers(options.Threads);
        using var probe = new CeilingProbe(workers);
        foreach ((int n, int k) in options.Shapes)
        {
            var problem = new Problem(n, k);
            Entry[] entries = [.. Quantize(problem)];
            foreach (int m in options.BatchSizes)
                Measure(problem, entries, m, probe);
        }
    }

    private IEnumerable<Entry> Quantize(Problem problem)
    {
        var dequantized = new float[problem.Weight.Length];
        foreach (Peer peer in peers)
        {
            foreach (PeerFormat format in peer.Formats)
            {
                PeerWeight weight = format.Quantize(problem);
                weight.Dequantize(dequantized);
                yield return new Entry(peer, format, weight, problem.Reference(dequantized));
            }
        }
    }

    private void Measure(Problem problem, Entry[] entries, int m, CeilingProbe probe)
    {
        var running = new List<(Entry Entry, Product Product, int Copies)>();
        var skipped = new List<string>();
        foreach (Entry entry in entries)
        {
            int copies = Copies(entry.Weight.ByteLength, m, entries.Length);
            try
            {
                running.Add((entry, entry.Weight.Prepare(m, options.Threads, copies), copies));
            }
            catch (PeerUnavailableException exception)
            {
                skipped.Add($"{entry.Name} is skipped: {exception.Message}");
            }
        }

        GC.Collect();
        var others = new OtherProcesses();
        Timing[] timings = Interleaved.Measure(
            [.. probe.Passes, .. running.Select(item => new TimedPass(item.Product.Run, ShortRest + item.Entry.Peer.SpinTime))], options.Rounds);
        var table = new PeersTable(problem, m, options.Threads, probe.Result(timings)) { OtherProcessors = others.Processors, Skipped = skipped };
        var outputs = new float[m * problem.N];
        foreach (((Entry entry, Product product, int copies), Timing timing) in running.Zip(timings.Skip(probe.Passes.Count)))
        {
            product.CopyOutput(outputs);
            table.Add(entry, product.Remark, timing / copies, Problem.RelativeError(outputs, entry.Reference));
            product.Dispose();
        }

        table.WriteTo(report);
    }

    /// <summary>As many as fill what benchmarks rotate over, or a weight's part of the memory: before a copy's next turn come those of all other weights.</summary>
    private static int Copies(long weightBytes, int m, int weights)
    {
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryParts / weights;
        long rotation = Math.Min(ProcessorInfo.RotationBytes, memory);
        return m >= PrefillRows ? FewCopies : (int)Math.Clamp((rotation / weightBytes) + 1, FewCopies, MostCopies);
    }

    /// <summary>What takes part: a format with the problem's weight in it, and the right outputs.</summary>
    internal sealed record Entry(Peer Peer, PeerFormat Format, PeerWeight Weight, double[] Reference)
    {
        public string Name => $"{Peer.Name} {Format.Name}";
    }
}
