using System.CommandLine;
using KBitQuant.DataTypes;
using KBitQuant.Tool.Options;
using KBitQuant.Tool.Output;
using Spectre.Console;

namespace KBitQuant.Tool.Commands;

/// <summary><c>types</c>: lists the data types.</summary>
internal sealed class TypesCommand : ToolCommand
{
    private const int AnyBits = 0;
    private readonly Option<int> _bits = ParsedOption.Number("--bits", "Only types of this many bits.", AnyBits, BitRange.Min, BitRange.Max);

    public TypesCommand()
        : base("types", "List the data types: name, bits, entries, and where the entries lie between -1 and 1.")
    {
        // Any number of bits is no number that can be given.
        _bits.DefaultValueFactory = null;
        Add(_bits);
    }

    protected override void Run(ParseResult parse, ToolOutput output, CancellationToken cancellationToken)
    {
        int bits = parse.GetValue(_bits);
        DataType[] types = [.. DataTypeCatalog.All.Where(type => bits == AnyBits || type.Bits == bits)];
        output.Show(
            types.Select(type => new
            {
                name = type.Name,
                bits = type.Bits,
                entries = type.Codebook.Length,
                perTensor = type.IsPerTensor,
                table = type.Codebook.ToArray(),
            }),
            console => Print(console, types));
    }

    private static void Print(IAnsiConsole console, DataType[] types)
    {
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn("name")
            .AddColumn(new TableColumn("k").RightAligned()).AddColumn(new TableColumn("entries").RightAligned())
            .AddColumn("from -1 to 1, taller where denser");
        foreach (DataType type in types)
        {
            string note = type.IsPerTensor ? " fitted to each tensor" : "";
            table.AddRow(Markup.Escape(type.Name), $"{type.Bits}", $"{type.Codebook.Length}", Markup.Escape(TablePlot.Draw(type) + note));
        }

        console.Write(table);
    }
}
