using System.CommandLine;
using KBitQuant.Quantization;
using KBitQuant.Tool.Options;
using KBitQuant.Tool.Output;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Tool.Commands;

/// <summary><c>quantize</c>: writes a quantized copy of a model.</summary>
internal sealed class QuantizeCommand : ToolCommand
{
    private readonly Argument<string> _model = new("MODEL")
    {
        Description = "A model's folder: config.json, model.safetensors (or shards with their index), and a tokenizer.",
    };

    private readonly Option<string> _out = new("--out")
    {
        Description = "The folder to make; it may exist if it is empty.",
        Required = true,
        HelpName = "DIR",
    };

    private readonly SchemeOptions _scheme;

    public QuantizeCommand()
        : base("quantize", "Write a quantized copy of a model, losslessly and with all that is needed to run it.")
    {
        Add(_model);
        _scheme = new SchemeOptions(this, isRequired: true);
        Add(_out);
    }

    protected override void Run(ParseResult parse, ToolOutput output, CancellationToken cancellationToken)
    {
        string path = parse.GetRequiredValue(_model), folder = parse.GetRequiredValue(_out);
        QuantizationScheme scheme = _scheme.Scheme(parse)!;
        using Checkpoint source = Checkpoint.Open(path);
        QuantizedModelFolder.ThrowIfTaken(folder);
        ModelConfig config = ModelConfig.Load(path);
        IReadOnlyDictionary<string, QuantizedTensor> quantized = output.Track(
            $"Quantizing to {scheme}", progress => ModelQuantizer.Quantize(config, source, _scheme.Plan(parse), progress));
        output.Track("Writing", _ =>
        {
            QuantizedModelFolder.Save(source, quantized, folder, cancellationToken);
            return true;
        });
        using Checkpoint saved = Checkpoint.Open(folder);
        var document = new
        {
            model = path,
            @out = folder,
            type = scheme.DataType.Name,
            block = scheme.BlockSize,
            quantized = quantized.Count,
            totalBits = saved.Bits.Total,
            bitsPerParameter = saved.Bits.BitsPerParameter,
        };
        output.Show(
            document,
            $"{folder}: {quantized.Count} weights in {scheme}",
            $"all in all {Quantities.Bytes(saved.Bits.Total / 8.0)}, {saved.Bits.BitsPerParameter:F3} bits per parameter");
    }
}
