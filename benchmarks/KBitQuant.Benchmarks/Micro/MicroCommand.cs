using System.CommandLine;
using BenchmarkDotNet.Running;

namespace KBitQuant.Benchmarks.Micro;

/// <summary><c>micro</c>: BenchmarkDotNet on inner loops.</summary>
internal sealed class MicroCommand : Command
{
    private readonly Argument<string[]> _arguments = new("arguments") { Description = "BenchmarkDotNet's own, after --.", Arity = ArgumentArity.ZeroOrMore };

    public MicroCommand()
        : base("micro", "Packing, nearest entry and lookup, under BenchmarkDotNet.")
    {
        Add(_arguments);
        SetAction(parse => BenchmarkSwitcher.FromAssembly(typeof(MicroCommand).Assembly).Run(parse.GetRequiredValue(_arguments)));
    }
}
