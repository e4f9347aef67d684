using System.CommandLine;
using KBitQuant.Compute.Cpu;
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
        Description = "A model's folder: config.json, model.safetensors (or shards with their index), and a tokenizer; or the file of its tensors in there.",
    };

    private readonly Option<string> _out = new("--out")
    {
        Description = "The folder to make; it may exist if it is empty.",
        Required = true,
        HelpName = "DIR",
    };

    private readonly Option<int> _threads = ThreadsOption.Create();
    private readonly SchemeOptions _scheme;

    public QuantizeCommand()
        : base("quantize", "Write a quantized copy of a model, losslessly and with all that is needed to run it.")
    {
        Add(_model);
        _scheme = new SchemeOptions(this, isRequired: true);
        Add(_threads);
        Add(_out);
    }

    protected override void Run(ParseResult parse, ToolOutput output, CancellationToken cancellationToken)
    {
        string path = parse.GetRequiredValue(_model), folder = parse.GetRequiredValue(_out);
        QuantizationScheme scheme = _scheme.Scheme(parse)!;
        using Checkpoint source = Checkpoint.Open(path);
        QuantizedModelFolder.ThrowIfTaken(folder);
        ModelConfig config = ModelConfig.Load(source.Folder);
        using CpuDevice device = ThreadsOption.Open(parse.GetValue(_threads));
        QuantizationPlan plan = _scheme.Plan(parse);
        IReadOnlyDictionary<string, QuantizedTensor> quantized = ToolOutput.Track(
            $"Quantizing to {scheme}", progress => ModelQuantizer.Quantize(config, source, plan, device, progress, cancellationToken));
        ToolOutput.Track("Writing", progress =>
        {
            QuantizedModelFolder.Save(source, quantized, folder, progress, cancellationToken);
            return true;
        });
        using Checkpoint saved = Checkpoint.Open(folder);
        var document = new
        {
            environment = new EnvironmentDocument(device),
            model = path,
            @out = folder,
            scheme = new SchemeDocument(scheme),
            head = plan.IncludesHead,
            quantized = quantized.Count,
            bits = saved.Bits,
        };
        output.Show(
            document,
            $"{folder}: {quantized.Count} weights in {scheme}",
            $"all in all {Quantities.Bytes(saved.Bits.Total / 8.0)}, {saved.Bits.BitsPerParameter:F3} bits per parameter");
    }
}
