using System.CommandLine;
using KBitQuant.Compute.Cpu;

namespace KBitQuant.Tool.Options;

/// <summary>The option that says how many threads work on the processor.</summary>
internal static class ThreadsOption
{
    public static Option<int> Create() => ParsedOption.Number(
        "--threads", "Threads on the processor.", CpuDevice.Default.Workers.ThreadCount, 1, CpuDevice.MaxThreadCount);

    /// <summary>The processor with so many threads; dispose of it when done.</summary>
    public static CpuDevice Open(int threads) => threads == CpuDevice.Default.Workers.ThreadCount ? CpuDevice.Default : new(threads);
}
