using KBitQuant.Benchmarks;

switch (args)
{
    case ["throughput", .. string[] rest]:
        ThroughputBenchmark.Run(rest);
        return 0;
    default:
        Console.Error.WriteLine("usage: throughput [--threads N]");
        return 2;
}
