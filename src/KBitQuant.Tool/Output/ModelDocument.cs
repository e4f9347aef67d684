using KBitQuant.Compute;
using KBitQuant.Quantization;
using KBitQuant.Tool.Options;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Tool.Output;

/// <summary>A model that was run, in JSON.</summary>
internal sealed class ModelDocument(string path, TransformerModel model, ActivationPrecision activations, string? tokenizerFallback)
{
    public string Path { get; } = path;

    /// <summary>How weights are quantized, each way once; none where nothing is.</summary>
    public IReadOnlyList<SchemeDocument> Schemes { get; } = [.. model.Schemes.Select(scheme => new SchemeDocument(scheme)).Distinct()];

    /// <summary>The precision that was asked for.</summary>
    public string Activations { get; } = ActivationsOption.WordOf(activations);

    /// <summary>Why <c>tokenizer.model</c> was used in place of <c>tokenizer.json</c>; null where it was not.</summary>
    public string? TokenizerFallback { get; } = tokenizerFallback;

    /// <summary>The kernels that ran quantized weights.</summary>
    public IReadOnlyList<string> Kernels { get; } = model.KernelNames;

    /// <summary>Every bit of every parameter.</summary>
    public BitLedger Bits { get; } = model.Bits;
}
