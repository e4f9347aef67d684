using System.Globalization;
using KBitQuant.Benchmarks;

switch (args)
{
    case ["throughput", .. string[] rest]:
        ThroughputBenchmark.Run(rest);
        return 0;
    case ["matmul", string threads, string n, string k, string batchSizes, string types, string kernels]:
        MatMulBenchmark.Run(int.Parse(threads, CultureInfo.InvariantCulture), int.Parse(n, CultureInfo.InvariantCulture), int.Parse(k, CultureInfo.InvariantCulture),
            [.. batchSizes.Split(',').Select(m => int.Parse(m, CultureInfo.InvariantCulture))], types.Split(','), kernels.Split(','));
        return 0;
    default:
        Console.Error.WriteLine("usage: throughput [--threads N] | matmul THREADS N K M,M,... TYPE,TYPE,... KERNEL,KERNEL,...");
        return 2;
}
