using System.CommandLine;
using KBitQuant.Quantization;
using KBitQuant.Tool.Output;
using KBitQuant.Transformers.Checkpoints;
using Spectre.Console;

namespace KBitQuant.Tool.Commands;

/// <summary><c>inspect</c>: shows what a checkpoint holds.</summary>
internal sealed class InspectCommand : ToolCommand
{
    private readonly Argument<string> _path = new("PATH")
    {
        Description = "A safetensors file, an index of shards, or a model's folder.",
    };

    public InspectCommand()
        : base("inspect", "Show the tensors of a checkpoint, and how they are quantized.") => Add(_path);

    protected override void Run(ParseResult parse, ToolOutput output, CancellationToken cancellationToken)
    {
        using Checkpoint checkpoint = Checkpoint.Open(parse.GetRequiredValue(_path));
        SafetensorsTensor[] tensors = [.. checkpoint.Shards.SelectMany(shard => shard.Tensors)];
        BitLedger bits = checkpoint.Bits;
        var document = new
        {
            path = checkpoint.Path,
            files = checkpoint.Shards.Select(shard => shard.Path),
            tensors = tensors.Select(tensor => new
            {
                name = tensor.Name,
                dtype = tensor.DType.Name,
                shape = tensor.Shape,
                bytes = tensor.ByteLength,
            }),
            quantized = checkpoint.Quantized.Values.Select(Describe),
            bits,
            bytes = tensors.Sum(tensor => tensor.ByteLength),
        };
        output.Show(document, console =>
        {
            PrintTensors(console, tensors);
            if (checkpoint.Quantized.Count > 0)
                PrintQuantized(console, checkpoint.Quantized.Values);
            console.WriteLine(
                $"{bits.Parameters:N0} parameters, {Quantities.Bytes(document.bytes)}, {bits.BitsPerParameter:F3} bits per parameter");
        });
    }

    private static object Describe(QuantizedTensorInfo info) => new
    {
        name = info.Name,
        shape = new[] { info.Rows, info.Columns },
        scheme = new SchemeDocument(info.Scheme),
        fitted = info.Scheme.DataType.IsFitted,
        bits = info.Bits,
    };

    private static void PrintTensors(IAnsiConsole console, SafetensorsTensor[] tensors)
    {
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn("tensor").AddColumn("type").AddColumn("shape").AddColumn(new TableColumn("size").RightAligned());
        foreach (SafetensorsTensor tensor in tensors)
        {
            string shape = $"[{string.Join(", ", tensor.Shape)}]";
            table.AddRow(Markup.Escape(PlainText.Of(tensor.Name)), tensor.DType.Name, Markup.Escape(shape), Quantities.Bytes(tensor.ByteLength));
        }

        console.Write(table);
    }

    private static void PrintQuantized(IAnsiConsole console, IEnumerable<QuantizedTensorInfo> quantized)
    {
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn("quantized weight").AddColumn("shape").AddColumn("scheme")
            .AddColumn(new TableColumn("bits per parameter").RightAligned());
        foreach (QuantizedTensorInfo info in quantized)
        {
            string shape = $"[{info.Rows}, {info.Columns}]";
            table.AddRow(
                Markup.Escape(PlainText.Of(info.Name)),
                Markup.Escape(shape),
                Markup.Escape(PlainText.Of($"{info.Scheme}")),
                $"{info.Bits.BitsPerParameter:F3}");
        }

        console.Write(table);
    }
}
