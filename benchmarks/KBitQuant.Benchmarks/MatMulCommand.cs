using System.CommandLine;
using System.Globalization;

namespace KBitQuant.Benchmarks;

/// <summary><c>matmul</c>: kernels of ours on one shape.</summary>
internal sealed class MatMulCommand : Command
{
    private readonly Argument<int> _threads = new("threads");
    private readonly Argument<int> _n = new("N");
    private readonly Argument<int> _k = new("K");
    private readonly Argument<string> _batchSizes = new("M,M,...");
    private readonly Argument<string> _types = new("TYPE,TYPE,...");
    private readonly Argument<string> _kernels = new("KERNEL,KERNEL,...");

    public MatMulCommand()
        : base("matmul", "Products of our kernels on one shape.")
    {
        foreach (Argument argument in new Argument[] { _threads, _n, _k, _batchSizes, _types, _kernels })
            Add(argument);
        SetAction(parse => MatMulBenchmark.Run(
            parse.GetValue(_threads), parse.GetValue(_n), parse.GetValue(_k),
            [.. parse.GetRequiredValue(_batchSizes).Split(',').Select(m => int.Parse(m, CultureInfo.InvariantCulture))],
            parse.GetRequiredValue(_types).Split(','), parse.GetRequiredValue(_kernels).Split(',')));
    }
}
