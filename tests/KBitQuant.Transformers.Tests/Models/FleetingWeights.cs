using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Tests.Models;

/// <summary>A model's weights, its matrices but the embedding and the head quantized as they are read, which remembers what it gave
/// without keeping it.</summary>
internal sealed class FleetingWeights(string folder) : IWeightSource
{
    private readonly Checkpoint _checkpoint = Checkpoint.Open(folder);

    /// <summary>Every quantized tensor given.</summary>
    public List<WeakReference<QuantizedTensor>> Given { get; } = [];

    public string Path => _checkpoint.Path;

    public bool TryGetShape(string name, out ImmutableArray<long> shape) => _checkpoint.TryGetShape(name, out shape);

    public float[] ReadSingle(string name) => _checkpoint.ReadSingle(name);

    public bool TryReadQuantized(string name, [NotNullWhen(true)] out QuantizedTensor? tensor)
    {
        tensor = null;
        if (!_checkpoint.TryGetShape(name, out ImmutableArray<long> shape) || !name.Contains(".layers.", StringComparison.Ordinal))
            return false;
        tensor = BlockwiseQuantizer.Quantize<float>(ReadSingle(name), (int)shape[0], (int)shape[1], new(DataTypeCatalog.Get("nf4"), 64));
        Given.Add(new(tensor));
        return true;
    }

    public void Dispose() => _checkpoint.Dispose();
}
