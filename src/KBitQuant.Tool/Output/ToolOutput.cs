using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace KBitQuant.Tool.Output;

/// <summary>Where a command's results go: text for people or one JSON document on standard output, progress on standard error.</summary>
internal sealed class ToolOutput(bool isJson)
{
    /// <summary>Columns of text where standard output is no terminal.</summary>
    private const int FileWidth = 160;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Whether a JSON document is wanted.</summary>
    public bool IsJson => isJson;

    /// <summary>Prints a result one way or the other.</summary>
    /// <param name="document">The JSON document.</param>
    /// <param name="text">Prints the text.</param>
    public void Show(object document, Action<IAnsiConsole> text)
    {
        if (isJson)
            Console.Out.WriteLine(JsonSerializer.Serialize(document, Json));
        else
            text(CreateConsole());
    }

    /// <summary>Prints a result one way or the other.</summary>
    /// <param name="document">The JSON document.</param>
    /// <param name="lines">The text.</param>
    public void Show(object document, params string[] lines) => Show(document, _ =>
    {
        foreach (string line in lines)
            Console.Out.WriteLine(PlainText.Of(line));
    });

    /// <summary>Prints a part of a result to people, as soon as it is there; nothing where a JSON document is wanted.</summary>
    /// <param name="lines">The text.</param>
    public void Say(params string[] lines)
    {
        if (!isJson)
            Show(lines, lines);
    }

    /// <summary>Says something about a result to people, on standard error.</summary>
    /// <param name="lines">The text.</param>
    public void Note(params string[] lines)
    {
        if (isJson)
            return;
        foreach (string line in lines)
            Console.Error.WriteLine(PlainText.Of(line));
    }

    /// <summary>Prints a text piece by piece as it comes, to a terminal without control sequences; in silence where a JSON document is
    /// wanted.</summary>
    /// <param name="prompt">What stands before it.</param>
    /// <param name="pieces">The pieces.</param>
    /// <returns>All pieces joined, without the prompt.</returns>
    public string Stream(string prompt, IEnumerable<string> pieces)
    {
        StringBuilder text = new();
        Print(prompt);
        try
        {
            foreach (string piece in pieces)
            {
                text.Append(piece);
                Print(piece);
            }
        }
        finally
        {
            // What else is said, be it an error, is on a line of its own.
            Print(Environment.NewLine);
        }

        return text.ToString();

        void Print(string part)
        {
            if (!isJson)
                Console.Out.Write(Console.IsOutputRedirected ? part : PlainText.Of(part, PlainText.LineCharacters));
        }
    }

    /// <summary>Does work that may take longer than a second under a progress bar.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="work">Reports the share of it that is done, from 0 to 1, where somebody looks.</param>
    public static T Track<T>(string title, Func<IProgress<double>?, T> work)
    {
        if (Console.IsErrorRedirected)
            return work(null);
        IAnsiConsole error = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return error.Progress().AutoClear(true).Start(context =>
        {
            ProgressTask task = context.AddTask(title, maxValue: 1);
            return work(new DirectProgress(done => task.Value = done));
        });
    }

    private static IAnsiConsole CreateConsole()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
            console.Profile.Width = FileWidth;
        return console;
    }
}
