using KBitQuant.Compute;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Tool.Commands;

/// <summary>A model loaded to be run, with its tokenizer, and what is to be said about it.</summary>
internal sealed class ModelSession(
    string path, TransformerModel model, ComputeDevice device, TextTokenizer tokenizer, ActivationPrecision activations, IReadOnlyList<QuantizationScheme> schemes)
    : IDisposable
{
    private const string Unquantized = "none";
    private const string Mixed = "mixed";

    public string Path => path;

    public TransformerModel Model => model;

    public TextTokenizer Tokenizer => tokenizer;

    public ActivationPrecision Activations => activations;

    /// <summary>What the model runs on.</summary>
    public string DeviceName => device.Name;

    /// <summary>The data type of the quantized weights; <c>none</c> where there are none, <c>mixed</c> where there are several.</summary>
    public string TypeName { get; } = schemes.Select(scheme => scheme.DataType.Name).Distinct().ToArray() switch { [] => Unquantized, [var name] => name, _ => Mixed };

    /// <summary>The block size of the quantized weights, 0 for whole tensors; null where there is none, or several.</summary>
    public int? Block { get; } = schemes.Select(scheme => scheme.BlockSize).Distinct().ToArray() is [var size] ? size : null;

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }
}
