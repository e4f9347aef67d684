using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Models;

/// <summary>Weights in memory, for models that no file holds.</summary>
internal sealed class MemoryWeights : IWeightSource
{
    public Dictionary<string, (ImmutableArray<long> Shape, float[] Values)> Tensors { get; } = [];

    public Dictionary<string, QuantizedTensor> Quantized { get; } = [];

    public string Path => "memory";

    /// <summary>Every tensor of a model, with random values of the usual size.</summary>
    public static MemoryWeights Random(ModelConfig config, int seed)
    {
        var random = new Random(seed);
        var weights = new MemoryWeights();
        foreach (ModelTensor tensor in config.Tensors)
        {
            float shift = tensor.Role == TensorRole.Norm && tensor.Name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0;
            float scale = MathF.Sqrt(3f / tensor.Shape[^1]);
            var values = new float[tensor.ElementCount];
            for (int i = 0; i < values.Length; i++)
                values[i] = shift + (scale * ((2 * random.NextSingle()) - 1));
            weights.Tensors.Add(tensor.Name, (tensor.Shape, values));
        }

        return weights;
    }

    /// <summary>A copy of every tensor of a model from another source.</summary>
    public static MemoryWeights Copy(ModelConfig config, IWeightSource source)
    {
        var weights = new MemoryWeights();
        foreach (ModelTensor tensor in config.Tensors)
            weights.Tensors.Add(tensor.Name, (tensor.Shape, source.ReadSingle(tensor.Name)));
        return weights;
    }

    public bool TryGetShape(string name, out ImmutableArray<long> shape)
    {
        bool isFound = Tensors.TryGetValue(name, out (ImmutableArray<long> Shape, float[] Values) tensor);
        shape = tensor.Shape;
        return isFound;
    }

    public float[] ReadSingle(string name) => Tensors[name].Values;

    public bool TryReadQuantized(string name, [NotNullWhen(true)] out QuantizedTensor? tensor) => Quantized.TryGetValue(name, out tensor);

    public void Dispose()
    {
    }
}
