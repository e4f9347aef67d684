using System.CommandLine;
using System.Globalization;
using KBitQuant.Tool.Commands;
using KBitQuant.Tool.Options;
using KBitQuant.Tool.Output;

namespace KBitQuant.Tool;

/// <summary>The whole program: commands, exit codes, and one line of error.</summary>
internal static class ToolProgram
{
    private const int BadInput = 1;
    private const int BadUsage = 2;

    /// <summary>128 + SIGINT, as shells have it.</summary>
    private const int Cancelled = 130;

    /// <summary>How long a command may take to tidy up after Ctrl-C before the process ends regardless.</summary>
    private static readonly TimeSpan TidyUpTime = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(string[] args)
    {
        // Numbers are written as options and JSON have them, wherever it runs.
        CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        // A prompt may begin with @, which would otherwise name a file of arguments.
        ParseResult parse = CreateRoot().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Errors.Count > 0)
        {
            Command command = parse.CommandResult.Command;
            string help = command is RootCommand ? "kbitquant --help" : $"kbitquant {command.Name} --help";
            return Fail(BadUsage, $"{ProblemOf(parse, command)} ({help} says more)");
        }

        try
        {
            return await parse.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TidyUpTime,
            });
        }
        catch (OperationCanceledException)
        {
            return Fail(Cancelled, "stopped; nothing was left behind.");
        }
        // The one place where failures become words: whatever went wrong, a person reads one line.
        catch (Exception exception)
        {
            bool isVerbose = parse.GetValue(CommonOptions.Verbose);
            return Fail(BadInput, isVerbose ? PlainText.Of(exception.ToString(), PlainText.LineCharacters) : ErrorLine.Of(exception));
        }
    }

    private static string ProblemOf(ParseResult parse, Command command)
    {
        if (command is not RootCommand)
            return string.Join(' ', parse.Errors.Select(error => error.Message));
        string known = string.Join(", ", command.Subcommands.Select(subcommand => subcommand.Name));
        return parse.UnmatchedTokens is [{ } unknown, ..]
            ? $"There is no command '{unknown}'; there are {known}."
            : $"A command is needed: {known}.";
    }

    private static RootCommand CreateRoot() => new(
        "Quantizes transformer checkpoints at any k with any data type, and measures what that does to them. "
            + "Exit codes: 0 done, 1 input or work failed, 2 wrong usage, 130 stopped by Ctrl+C.")
    {
        new DemoCommand(),
        new TypesCommand(),
        new InspectCommand(),
        new QuantizeCommand(),
        new EvalCommand(),
        new GenerateCommand(),
        new BenchCommand(),
        CommonOptions.Json,
        CommonOptions.Verbose,
    };

    private static int Fail(int exitCode, string message)
    {
        Console.Error.WriteLine($"kbitquant: {message}");
        return exitCode;
    }
}
