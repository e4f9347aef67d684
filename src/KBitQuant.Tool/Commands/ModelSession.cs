using System.CommandLine;
using KBitQuant.Compute;
using KBitQuant.Quantization;
using KBitQuant.Tool.Options;
using KBitQuant.Tool.Output;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Tool.Commands;

/// <summary>A model loaded to be run, with its tokenizer, and what is to be said about it.</summary>
internal sealed class ModelSession : IDisposable
{
    private const string Unquantized = "none";
    private const string Mixed = "mixed";

    private readonly ComputeDevice _device;

    private ModelSession(TransformerModel model, ComputeDevice device, TextTokenizer tokenizer, IReadOnlyList<QuantizationScheme> schemes)
    {
        (Model, _device, Tokenizer) = (model, device, tokenizer);
        string[] types = [.. schemes.Select(scheme => scheme.DataType.Name).Distinct()];
        int[] blocks = [.. schemes.Select(scheme => scheme.BlockSize).Distinct()];
        TypeName = types.Length switch { 0 => Unquantized, 1 => types[0], _ => Mixed };
        Block = blocks.Length == 1 ? blocks[0] : null;
    }

    public TransformerModel Model { get; }

    public TextTokenizer Tokenizer { get; }

    /// <summary>What the model runs on.</summary>
    public string DeviceName => _device.Name;

    /// <summary>The data type of the quantized weights; <c>none</c> where there are none, <c>mixed</c> where there are several.</summary>
    public string TypeName { get; }

    /// <summary>The block size of the quantized weights, 0 for whole tensors; null where there is none, or several.</summary>
    public int? Block { get; }

    /// <summary>Loads a model, quantized and run as the options say.</summary>
    public static ModelSession Open(
        string path, SchemeOptions options, ActivationPrecision activations, DeviceOptions deviceOptions, ParseResult parse, ToolOutput output)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        ModelConfig config = ModelConfig.Load(path);
        TextTokenizer tokenizer = TextTokenizer.Load(path);
        QuantizationScheme[] schemes = options.Scheme(parse) is { } scheme
            ? [scheme]
            : [.. checkpoint.Quantized.Values.Select(info => info.Scheme)];
        ComputeDevice device = deviceOptions.Open(parse);
        try
        {
            var modelOptions = new ModelOptions { Plan = options.Plan(parse), Device = device, Preference = new() { Activations = activations } };
            TransformerModel model = output.Track(
                "Loading", progress => TransformerModel.Load(config, checkpoint, modelOptions, progress));
            // Loading leaves garbage of the size of its largest tensors, which would otherwise stay resident.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            return new ModelSession(model, device, tokenizer, schemes);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Model.Dispose();
        _device.Dispose();
    }
}
