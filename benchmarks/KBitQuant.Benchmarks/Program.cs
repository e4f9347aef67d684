using System.CommandLine;
using KBitQuant.Benchmarks.Micro;
using KBitQuant.Benchmarks.Peers;
using KBitQuant.Benchmarks.Throughput;

var root = new RootCommand("Rates of KBitQuant, beside the ceilings of the same run and other libraries.")
{
    new PeersCommand(),
    new ThroughputCommand(),
    new MicroCommand(),
};
try
{
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception exception) when (exception is ArgumentException or FormatException or IOException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
