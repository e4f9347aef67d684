using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using KBitQuant.Compute.Cpu.Benchmarking;

namespace KBitQuant.Benchmarks;

/// <summary>A results file: what was measured on which machine with what versions, then tables. Each addition is printed, and
/// replaces the file whole, so that a run that is cut short leaves what it has.</summary>
internal sealed class MarkdownReport
{
    private readonly StringBuilder _text = new();
    private readonly string _path;

    /// <param name="path">Where to write; null for <c>benchmarks/results/(machine)/(name)</c>.</param>
    /// <param name="name">The file's usual name.</param>
    public MarkdownReport(string? path, string name)
    {
        _path = path ?? RepositoryFolder.Combine("benchmarks", "results", Machine.Slug, name);
        if (Path.GetDirectoryName(Path.GetFullPath(_path)) is { } folder)
            Directory.CreateDirectory(folder);
    }

    /// <summary>The head of the file.</summary>
    /// <param name="title">The title.</param>
    /// <param name="versions">Versions of what was compared.</param>
    public void AddHeader(string title, IEnumerable<string> versions)
    {
        string build = typeof(MarkdownReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        string command = string.Join(' ', Environment.GetCommandLineArgs().Skip(1));
        Add($"""
            # {title}

            - Machine: {ProcessorInfo.Name}, {Machine.Cores} cores, {Machine.CacheSize}, {RuntimeInformation.OSDescription}
            - Versions: KBitQuant {build}, {RuntimeInformation.FrameworkDescription}{string.Concat(versions.Select(version => $", {version}"))}
            - Date: {DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC
            - Command: `{command}`
            """);
    }

    /// <summary>A paragraph or several.</summary>
    public void Add(string text)
    {
        Console.WriteLine(text);
        Console.WriteLine();
        _text.Append(text).Append("\n\n");
        Save();
    }

    /// <summary>A table; a row has a cell for each column.</summary>
    public void AddTable(IReadOnlyList<MarkdownColumn> columns, IEnumerable<string[]> rows)
    {
        var lines = new List<string>
        {
            Line(columns.Select(column => column.Title)),
            Line(columns.Select(column => column.IsNumber ? "--:" : ":--")),
        };
        lines.AddRange(rows.Select(Line));
        Add(string.Join('\n', lines));
    }

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private void Save()
    {
        string temporary = _path + ".partial";
        File.WriteAllText(temporary, _text.ToString().TrimEnd('\n') + "\n");
        File.Move(temporary, _path, overwrite: true);
    }
}
