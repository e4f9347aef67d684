using System.CommandLine;
using System.CommandLine.Parsing;
using KBitQuant.Compute;

namespace KBitQuant.Tool.Options;

/// <summary>The options that say where a model runs.</summary>
internal sealed class DeviceOptions
{
    private readonly Option<string> _device = DeviceOption.Create();
    private readonly Option<int> _threads = ThreadsOption.Create();

    /// <summary>Adds them to a command.</summary>
    public DeviceOptions(Command command)
    {
        command.Add(_device);
        command.Add(_threads);
        command.Validators.Add(result =>
        {
            if (DeviceOption.IsGpu(result, _device))
                RefuseUnless(result, _threads, DeviceOption.Cpu);
        });
    }

    /// <summary>Refuses an option that was given for another device.</summary>
    public static void RefuseUnless(CommandResult result, Option option, string device)
    {
        if (result.GetResult(option) is { Implicit: false })
            result.AddError($"{option.Name} is for --device {device}.");
    }

    /// <summary>Opens the device; dispose of it when done.</summary>
    /// <exception cref="NotSupportedException">There is no such device; the message lists what there is.</exception>
    public ComputeDevice Open(ParseResult parse) => DeviceOption.Open(parse.GetRequiredValue(_device), parse.GetValue(_threads));
}
