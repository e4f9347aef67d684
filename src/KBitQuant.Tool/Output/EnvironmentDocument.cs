using System.Reflection;
using System.Runtime.InteropServices;
using KBitQuant.Compute;
using KBitQuant.Compute.Cpu.Benchmarking;

namespace KBitQuant.Tool.Output;

/// <summary>By what and on what something was measured, in JSON.</summary>
internal sealed class EnvironmentDocument(ComputeDevice device)
{
    /// <summary>The tool's version, as <c>--version</c> has it.</summary>
    public string Version { get; } =
        typeof(EnvironmentDocument).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public string Runtime { get; } = RuntimeInformation.FrameworkDescription;

    public string System { get; } = $"{RuntimeInformation.OSDescription} ({RuntimeInformation.ProcessArchitecture})";

    public string Processor { get; } = ProcessorInfo.Name;

    public string Device { get; } = device.Name;

    /// <summary>Threads on the processor; null where something else computed.</summary>
    public int? Threads { get; } = device.ThreadCount;

    /// <summary>The version of CUDA that the GPU's driver has; null without.</summary>
    public string? Driver { get; } = device.DriverVersion;
}
