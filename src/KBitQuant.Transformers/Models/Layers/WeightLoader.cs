using System.Numerics.Tensors;
using KBitQuant.Quantization;
using KBitQuant.Threading;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>Reads a model's tensors for any device: checks their shapes, quantizes what the plan says, and keeps the accounts.</summary>
internal sealed class WeightLoader(
    ModelConfig config, IWeightSource source, ModelOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
{
    /// <summary>What a parameter that is not quantized counts as, whatever its format in the file.</summary>
    private const int UnquantizedBits = 16;

    /// <summary>Elements whose squares are summed in float, before the sums are added in double.</summary>
    private const int ErrorChunk = 1024;

    private readonly Dictionary<string, ModelTensor> _tensors = config.Tensors.ToDictionary(tensor => tensor.Name);
    private readonly long _parameters = config.Tensors.Sum(tensor => tensor.ElementCount);
    private readonly Workers _workers = CpuDecoder.WorkersOf(options);
    private readonly HashSet<QuantizationScheme> _schemes = [];
    private double _squaredWeights;
    private double _squaredErrors;
    private bool _hasStored;

    /// <summary>Bytes of norms and biases.</summary>
    public long VectorBytes { get; private set; }

    public BitLedger Bits { get; private set; }

    /// <summary>See <see cref="TransformerModel.Schemes"/>.</summary>
    public IReadOnlyList<QuantizationScheme> Schemes => [.. _schemes];

    /// <summary>See <see cref="TransformerModel.RelativeError"/>.</summary>
    public double? RelativeError => _hasStored ? null : _squaredWeights > 0 ? Math.Sqrt(_squaredErrors / _squaredWeights) : 0;

    public NormWeight LoadNorm(string module) =>
        new(config.Family.Norm, ReadVector(ModelLayout.WeightOf(module)), ReadBias(module), config.NormEpsilon);

    public LinearWeight LoadEmbedding(string module) =>
        new(config.VocabularySize, config.HiddenSize, null, ReadPlain(ModelLayout.WeightOf(module)), []);

    public LinearWeight LoadLinear(string module)
    {
        ModelTensor tensor = Checked(ModelLayout.WeightOf(module));
        (int rows, int columns) = ((int)tensor.Shape[0], (int)tensor.Shape[1]);
        QuantizationScheme? scheme = options.Plan.SchemeFor(tensor);
        if (source.TryReadQuantized(tensor.Name, out QuantizedTensor? stored))
        {
            if (scheme is not null)
                throw tensor.AlreadyQuantized(source, stored, scheme);
            if (stored.Rows != rows || stored.Columns != columns)
                throw new CheckpointFormatException(source.Path, $"tensor {tensor} was read as {stored}.");
            _hasStored = true;
            Count(stored);
            return new(rows, columns, stored, [], ReadBias(module));
        }

        float[] weight = Read(tensor);
        if (scheme is null)
        {
            Count(BitLedger.ForUnquantized(weight.Length, UnquantizedBits));
            return new(rows, columns, null, weight, ReadBias(module));
        }

        QuantizedTensor quantized = tensor.Quantize(source, weight, scheme, _workers);
        CountError(weight, quantized);
        Count(quantized);
        return new(rows, columns, quantized, [], ReadBias(module));
    }

    private float[] ReadBias(string module)
    {
        string name = ModelLayout.BiasOf(module);
        if (_tensors.ContainsKey(name))
            return ReadVector(name);
        // Left out, it would silently change the logits.
        return source.TryGetShape(name, out _)
            ? throw new CheckpointFormatException(source.Path, $"there is a tensor '{name}'; by the model's configuration there is none.")
            : [];
    }

    private float[] ReadVector(string name)
    {
        float[] values = ReadPlain(name);
        VectorBytes += sizeof(float) * (long)values.Length;
        return values;
    }

    private float[] ReadPlain(string name)
    {
        float[] values = Read(Checked(name));
        Count(BitLedger.ForUnquantized(values.Length, UnquantizedBits));
        return values;
    }

    /// <summary>Reads a checked tensor. Layers and kernels take as many values as its shape says.</summary>
    private float[] Read(ModelTensor tensor)
    {
        float[] values = source.ReadSingle(tensor.Name);
        return values.Length == tensor.ElementCount
            ? values
            : throw new CheckpointFormatException(source.Path, $"tensor {tensor} was read as {values.Length} values.");
    }

    private ModelTensor Checked(string name)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ModelTensor tensor = _tensors[name];
        tensor.ThrowIfNotIn(source, config);
        return tensor;
    }

    private void Count(QuantizedTensor tensor)
    {
        _schemes.Add(tensor.Scheme);
        Count(tensor.Bits);
    }

    private void Count(BitLedger bits)
    {
        Bits += bits;
        progress?.Report((double)Bits.Parameters / _parameters);
    }

    private void CountError(float[] weight, QuantizedTensor quantized)
    {
        var restored = new float[weight.Length];
        BlockwiseQuantizer.Dequantize<float>(quantized, restored, _workers);
        for (int at = 0; at < weight.Length; at += ErrorChunk)
        {
            int length = Math.Min(ErrorChunk, weight.Length - at);
            double distance = TensorPrimitives.Distance<float>(weight.AsSpan(at, length), restored.AsSpan(at, length));
            double norm = TensorPrimitives.Norm<float>(weight.AsSpan(at, length));
            _squaredErrors += distance * distance;
            _squaredWeights += norm * norm;
        }
    }
}
