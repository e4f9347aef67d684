using System.CommandLine;
using KBitQuant.Compute.Cpu;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Tool.Output;
using KBitQuant.Transformers.Evaluation;
using KBitQuant.Transformers.Generation;
using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Tokenization;
using Spectre.Console;

namespace KBitQuant.Tool.Commands;

/// <summary><c>demo</c>: shows what quantization does to a real, small model that comes with the tool.</summary>
internal sealed class DemoCommand : ToolCommand
{
    private const int Block = 64;
    private const int Tokens = 4096;
    private const string Prompt = "It was a dark night, and the old man";
    private const string ModelName = "kbq-neox-2m";

    private static readonly SamplingOptions Sampling = new() { MaxTokens = 60, Temperature = 0.7f, TopP = 0.8f, Seed = 4 };
    private static readonly int[] Widths = [8, 6, 5, 4, 3, 2];
    private static readonly string[] Families = ["int", "float", "dynamic", "quantile", "nf"];
    private static readonly QuantizationScheme Generating = new(DataTypeCatalog.Get("nf4"), Block);
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Demo");
    private static readonly string ModelFolder = Path.Combine(Folder, ModelName);
    private static readonly string Text = Path.Combine(Folder, "excerpt.txt");

    public DemoCommand()
        : base(
            "demo",
            "Quantize a small language model that comes along in 30 ways, compare bits with quality, and let the 4-bit model write.")
    {
    }

    protected override void Run(ParseResult parse, ToolOutput output, CancellationToken cancellationToken)
    {
        TextTokenizer tokenizer = TextTokenizer.Load(ModelFolder);
        int[] tokens = Perplexity.ReadTokens(tokenizer, Text, Tokens);
        IReadOnlyList<QualityPoint> points = ToolOutput.Track(
            $"Quantizing and evaluating {ModelName}",
            progress => QualitySweep.Run(ModelFolder, tokens, Schemes(), progress, cancellationToken));
        if (!output.IsJson)
            output.Show(points, console => Print(console, points, tokens.Length));
        string text = Generate(tokenizer, output, cancellationToken);
        if (output.IsJson)
        {
            output.Show(new
            {
                environment = new EnvironmentDocument(CpuDevice.Default),
                model = ModelName,
                tokens = tokens.Length,
                window = Perplexity.DefaultWindow,
                points = points.Select(Describe),
                generated = new { scheme = new SchemeDocument(Generating), sampling = Sampling, prompt = Prompt, text },
            });
        }
    }

    private static QuantizationScheme?[] Schemes() =>
    [
        null,
        .. Widths.SelectMany(bits => Families.Select(family => new QuantizationScheme(DataTypeCatalog.Get($"{family}{bits}"), Block))),
    ];

    private static string Generate(TextTokenizer tokenizer, ToolOutput output, CancellationToken cancellationToken)
    {
        var options = new ModelOptions { Plan = QuantizationPlan.Linear(Generating) };
        using TransformerModel model = TransformerModel.Load(ModelFolder, options, cancellationToken: cancellationToken);
        output.Say($"The {Generating.DataType} model continues a text:");
        return output.Stream(Prompt, new TextGenerator(model, tokenizer).Generate(Prompt, Sampling, cancellationToken));
    }

    private static object Describe(QualityPoint point) => new
    {
        scheme = point.Scheme is { } scheme ? new SchemeDocument(scheme) : null,
        bits = point.Bits,
        perplexity = point.Perplexity,
        relativeError = point.RelativeError,
    };

    private static int Width(QualityPoint point) => point.Scheme?.DataType.Bits ?? 16;

    private static void Print(IAnsiConsole console, IReadOnlyList<QualityPoint> points, int tokens)
    {
        console.WriteLine($"{ModelName}: {points[0].Bits.Parameters:N0} parameters; linear layers quantized in blocks of {Block};");
        console.WriteLine("embeddings and head, most of so small a model, in 16 bits.");
        console.WriteLine($"Perplexity of {tokens:N0} tokens by an author the model has never read; lower is better.");
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn("type").AddColumn(Right("k")).AddColumn(Right("bits per\nparameter")).AddColumn(Right("size"))
            .AddColumn(Right("relative\nerror")).AddColumn(Right("perplexity")).AddColumn("lost (log)");
        double best = points[0].Perplexity, worst = points.Max(point => point.Perplexity);
        int width = Width(points[0]);
        foreach (QualityPoint point in points)
        {
            if (Width(point) != width)
                table.AddEmptyRow();
            width = Width(point);
            table.AddRow(
                point.Scheme?.DataType.Name ?? "fp16",
                $"{width}",
                $"{point.Bits.BitsPerParameter:F2}",
                Quantities.Bytes(point.Bits.Total / 8.0),
                $"{point.RelativeError:P1}",
                $"{point.Perplexity:F2}",
                LogBar.Draw(point.Perplexity / best, worst / best));
        }

        console.Write(table);
    }

    private static TableColumn Right(string title) => new TableColumn(title).RightAligned();
}
