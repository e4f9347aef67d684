using System.CommandLine;
using KBitQuant.Compute.Cpu;

namespace KBitQuant.Tool.Options;

/// <summary>The option that says how many threads work on the processor.</summary>
internal static class ThreadsOption
{
    public static Option<int> Create() => ParsedOption.Number(
        "--threads", "Threads on the processor.", Math.Min(Environment.ProcessorCount, CpuDevice.MaxThreadCount), 1, CpuDevice.MaxThreadCount);
}
