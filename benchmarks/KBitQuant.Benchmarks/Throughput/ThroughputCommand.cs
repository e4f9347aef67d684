using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace KBitQuant.Benchmarks.Throughput;

/// <summary><c>throughput</c>: quantize and dequantize rates.</summary>
internal sealed class ThroughputCommand : Command
{
    private const string ProcessorCountVariable = "DOTNET_PROCESSOR_COUNT";

    private readonly Option<int> _threads = new("--threads") { Description = "Threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<int> _rounds = new("--rounds") { Description = "How often each takes its turn.", DefaultValueFactory = _ => 9 };
    private readonly Option<string?> _out = new("--out") { Description = "The results file; usually benchmarks/results/(machine)/throughput-(threads)-threads.md." };

    public ThroughputCommand()
        : base("throughput", "Quantize and dequantize rates, ggml's beside ours.")
    {
        Add(_threads);
        Add(_rounds);
        Add(_out);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        int threads = parse.GetValue(_threads);
        if (threads != Environment.ProcessorCount)
            return RunChild(threads);
        ThroughputBenchmark.Run(new MarkdownReport(parse.GetValue(_out), $"throughput-{threads}-threads.md"), parse.GetValue(_rounds));
        return 0;
    }

    /// <summary>The quantizer uses every processor that the runtime tells it of.</summary>
    private static int RunChild(int threads)
    {
        if (Environment.GetEnvironmentVariable(ProcessorCountVariable) is { } given)
            throw new InvalidOperationException($"{ProcessorCountVariable}={given} leaves {Environment.ProcessorCount} processors, not {threads}.");
        var start = new ProcessStartInfo(Environment.ProcessPath!, Environment.GetCommandLineArgs().Skip(1));
        start.Environment[ProcessorCountVariable] = threads.ToString(CultureInfo.InvariantCulture);
        using Process child = Process.Start(start)!;
        child.WaitForExit();
        return child.ExitCode;
    }
}
