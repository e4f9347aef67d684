using System.CommandLine;
using KBitQuant.Tool.Options;
using KBitQuant.Tool.Output;

namespace KBitQuant.Tool.Commands;

/// <summary>A command: its arguments and options, and what it runs.</summary>
internal abstract class ToolCommand : Command
{
    protected ToolCommand(string name, string description)
        : base(name, description) => SetAction((parse, cancellationToken) =>
            // On another thread, so that the one that waits for Ctrl-C is free.
            Task.Run(
                () => Run(parse, new ToolOutput(parse.GetValue(CommonOptions.Json)), cancellationToken), cancellationToken));

    protected abstract void Run(ParseResult parse, ToolOutput output, CancellationToken cancellationToken);
}
