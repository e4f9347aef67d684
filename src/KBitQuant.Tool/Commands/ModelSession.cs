using KBitQuant.Compute;
using KBitQuant.Tool.Output;
using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Tool.Commands;

/// <summary>A model loaded to be run, with its tokenizer, and what is to be said about it.</summary>
internal sealed class ModelSession(string path, TransformerModel model, ComputeDevice device, TextTokenizer tokenizer, ActivationPrecision activations)
    : IDisposable
{
    private const string Unquantized = "not quantized";

    public TransformerModel Model => model;

    public TextTokenizer Tokenizer => tokenizer;

    public ModelDocument Document { get; } = new(path, model, activations, tokenizer.FallbackReason);

    public EnvironmentDocument Environment { get; } = new(device);

    /// <summary>How weights are quantized, for people.</summary>
    public string SchemeText => Document.Schemes.Count == 0 ? Unquantized : string.Join("; ", Document.Schemes.Select(scheme => scheme.Text));

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }
}
