using System.CommandLine;
using System.Globalization;
using KBitQuant.Benchmarks.Peers.Ours;
using KBitQuant.Compute.Cpu;
using KBitQuant.Compute.Cpu.Kernels;

namespace KBitQuant.Benchmarks.Peers;

/// <summary><c>peers</c>: products beside those of other libraries.</summary>
internal sealed class PeersCommand : Command
{
    /// <summary>Of ggml's K-quants.</summary>
    private const int LongestBlock = 256;

    private readonly Option<int> _threads = new("--threads") { Description = "Threads of each library.", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<string> _shapes = new("--shapes") { Description = "Weights as NxK,...", DefaultValueFactory = _ => "4096x4096,11008x4096,4096x11008" };
    private readonly Option<string> _batchSizes = new("--m") { Description = "Numbers of input rows.", DefaultValueFactory = _ => "1,8,128,512" };
    private readonly Option<string> _types = new("--types") { Description = "Our data types.", DefaultValueFactory = _ => "int2,nf3,int3,nf4,int4,int5,int6,int7,int8" };
    private readonly Option<string> _kernels = new("--kernels")
    {
        Description = "Our kernels.",
        DefaultValueFactory = _ => string.Join(',', CpuKernels.All.Select(kernel => kernel.Name).Where(name => name != ReferenceKernel.Id)),
    };

    private readonly Option<int> _rounds = new("--rounds") { Description = "How often each takes its turn.", DefaultValueFactory = _ => 15 };
    private readonly Option<string?> _out = new("--out") { Description = "The results file; usually benchmarks/results/(machine)/peers-(threads)-threads.md." };

    public PeersCommand()
        : base("peers", "Products beside those of dense weights, ONNX Runtime, ggml and TorchSharp, in one process.")
    {
        foreach (Option option in new Option[] { _threads, _shapes, _batchSizes, _types, _kernels, _rounds, _out })
            Add(option);
        SetAction(Run);
    }

    private void Run(ParseResult parse)
    {
        int threads = parse.GetValue(_threads);
        var options = new PeersOptions(threads, [.. List(parse, _shapes).Select(Shape)], [.. List(parse, _batchSizes).Select(Number)], parse.GetValue(_rounds));
        var ours = new OurPeer(List(parse, _types), List(parse, _kernels), options.Shapes);
        (IReadOnlyList<Peer> peers, IReadOnlyList<string> skipped) = PeerCatalog.Load();
        var report = new MarkdownReport(parse.GetValue(_out), $"peers-{threads}-threads.md");
        report.AddHeader("Products beside other libraries", peers.Select(peer => $"{peer.Name} {peer.Version}"));
        report.Add(
            """
            y = x W^T in one process; libraries take turns, weights rotate past the caches (two copies from M=64 on), threads are equal.
            "Inputs" are multiplied as they are (exact) or rounded to 8 bits (int8). "Error" is that of the outputs against the
            dequantized weight, relative. The last two columns say how many times as fast as the fastest other row that keeps at
            least as many bits; medians throughout.
            """);
        foreach (string line in skipped)
            report.Add(line);
        new PeersBenchmark(options, [ours, .. peers], report).Run();
    }

    private static string[] List(ParseResult parse, Option<string> option) => parse.GetRequiredValue(option).Split(',');

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static (int N, int K) Shape(string text) =>
        text.Split('x') is [string n, string k] && Number(k) % LongestBlock == 0
            ? (Number(n), Number(k))
            : throw new FormatException($"A shape is NxK, such as 11008x4096, where K is a multiple of {LongestBlock}; '{text}' was given.");
}
