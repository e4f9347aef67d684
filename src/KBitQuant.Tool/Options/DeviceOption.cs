using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using KBitQuant.Compute;
using KBitQuant.Compute.Gpu;

namespace KBitQuant.Tool.Options;

/// <summary>The option that says where to run.</summary>
internal static class DeviceOption
{
    /// <summary>The word for the processor, and where models run by default.</summary>
    public const string Cpu = "cpu";

    /// <summary>The word for the first GPU.</summary>
    public const string Gpu = "gpu";

    private const string GpuPrefix = Gpu + ":";

    public static Option<string> Create() => ParsedOption.Of(
        "--device",
        $"Where to run: {Cpu}, {Gpu} (the first there is), {GpuPrefix}N (the one in place N) or a part of a GPU's name; "
            + $"'{GpuDevice.EmulatedName}' runs without one, slowly.",
        $"{Cpu}|{Gpu}|{GpuPrefix}N|NAME",
        Check,
        Cpu);

    /// <summary>Opens the device of a checked choice; dispose of it when done.</summary>
    /// <exception cref="NotSupportedException">There is no such device; the message lists what there is.</exception>
    public static ComputeDevice Open(string choice, int threads) => choice != Cpu ? OpenGpu(choice) : ThreadsOption.Open(threads);

    /// <summary>Makes a command refuse options that are for another device than the one it is told to run on.</summary>
    /// <param name="command">The command.</param>
    /// <param name="device">Its device.</param>
    /// <param name="forCpu">What is for the processor.</param>
    /// <param name="forGpu">What is for GPUs.</param>
    public static void Restrict(Command command, Option<string> device, Option[] forCpu, Option[] forGpu) => command.Validators.Add(result =>
    {
        bool isGpu = IsGpu(result, device);
        foreach (Option option in isGpu ? forCpu : forGpu)
        {
            if (result.GetResult(option) is { Implicit: false })
                result.AddError($"{option.Name} is for {device.Name} {(isGpu ? Cpu : Gpu)}.");
        }
    });

    /// <summary>Whether a command is told to run on a GPU.</summary>
    public static bool IsGpu(CommandResult result, Option<string> device) => result.GetResult(device)?.Tokens is [{ } token] && Canonical(token.Value) != Cpu;

    /// <summary>As <see cref="Open"/>, of a GPU.</summary>
    /// <exception cref="NotSupportedException">There is no such device; the message lists what there is.</exception>
    public static GpuDevice OpenGpu(string choice)
    {
        if (choice == Gpu)
            return GpuDevice.Open();
        string name = choice.StartsWith(GpuPrefix, StringComparison.Ordinal) ? choice[GpuPrefix.Length..] : choice;
        bool isPlace = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int place);
        return isPlace && name != choice ? GpuDevice.Open(place) : GpuDevice.Open(name);
    }

    private static string Check(string given) => !string.IsNullOrWhiteSpace(given) && Canonical(given) != GpuPrefix
        ? Canonical(given)
        : throw new ArgumentException($"{Cpu}, {Gpu}, {GpuPrefix}N or a part of a GPU's name is allowed; '{given}' was given.");

    /// <summary>A choice with the words for processor and GPUs in small letters, as they may be given in any.</summary>
    private static string Canonical(string given) =>
        given.Equals(Cpu, StringComparison.OrdinalIgnoreCase) ? Cpu
        : given.Equals(Gpu, StringComparison.OrdinalIgnoreCase) ? Gpu
        : given.StartsWith(GpuPrefix, StringComparison.OrdinalIgnoreCase) ? GpuPrefix + given[GpuPrefix.Length..]
        : given;
}
