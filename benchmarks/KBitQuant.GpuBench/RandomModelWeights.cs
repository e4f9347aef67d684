using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Benchmarking;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Models;

namespace KBitQuant.GpuBench;

/// <summary>Random weights of any shape, made when they are asked for. Layers get the same values; on the device each has its own
/// copy.</summary>
internal sealed class RandomModelWeights : IWeightSource
{
    private readonly Dictionary<string, ModelTensor> _tensors;
    private readonly Dictionary<(int Rows, int Columns), QuantizedTensor> _quantized = [];
    private readonly QuantizationScheme? _scheme;
    private readonly bool _quantizesHead;

    public RandomModelWeights(ModelConfig config, QuantizationScheme? scheme, bool quantizesHead)
    {
        _tensors = config.Tensors.ToDictionary(tensor => tensor.Name);
        (_scheme, _quantizesHead) = (scheme, quantizesHead);
    }

    public string Path => "random";

    /// <summary>What a step has to read: every linear layer and the head.</summary>
    public long BytesPerToken { get; private set; }

    public bool TryGetShape(string name, out ImmutableArray<long> shape)
    {
        bool isThere = _tensors.TryGetValue(name, out ModelTensor? tensor);
        shape = tensor?.Shape ?? [];
        return isThere;
    }

    public bool TryReadQuantized(string name, [NotNullWhen(true)] out QuantizedTensor? tensor)
    {
        ModelTensor wanted = _tensors[name];
        tensor = null;
        if (_scheme is null || (wanted.Role != TensorRole.Linear && !(_quantizesHead && wanted.Role == TensorRole.Head)))
            return false;
        (int rows, int columns) = ((int)wanted.Shape[0], (int)wanted.Shape[1]);
        if (!_quantized.TryGetValue((rows, columns), out tensor))
            _quantized.Add((rows, columns), tensor = RandomWeight.Make(rows, columns, _scheme, seed: 1));
        BytesPerToken += tensor.ByteLength;
        return true;
    }

    public float[] ReadSingle(string name)
    {
        ModelTensor tensor = _tensors[name];
        var values = new float[tensor.ElementCount];
        if (tensor.Role == TensorRole.Norm)
        {
            Array.Fill(values, 1);
            return values;
        }

        // Multiples of 2^-16 below 2^-6, which halves hold exactly; one row after the other the same.
        var random = new Random(1);
        int columns = (int)tensor.Shape[^1];
        for (int i = 0; i < Math.Min(16 * columns, values.Length); i++)
            values[i] = random.Next(-1023, 1024) / 65536f;
        for (int i = 16 * columns; i < values.Length; i += 16 * columns)
            values.AsSpan(0, Math.Min(16 * columns, values.Length - i)).CopyTo(values.AsSpan(i));
        if (tensor.Role is TensorRole.Head or TensorRole.Linear)
            BytesPerToken += 2L * values.Length;
        return values;
    }

    public void Dispose()
    {
    }
}
