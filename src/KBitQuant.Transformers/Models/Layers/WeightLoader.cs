using System.Numerics.Tensors;
using KBitQuant.Compute.Cpu;
using KBitQuant.Quantization;
using KBitQuant.Threading;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>Reads a model's tensors, checks their shapes, quantizes what the plan says, and keeps the accounts.</summary>
internal sealed class WeightLoader(
    ModelConfig config, IWeightSource source, ModelOptions options, IProgress<double>? progress)
{
    /// <summary>What a parameter that is not quantized counts as, whatever its format in the file.</summary>
    private const int UnquantizedBits = 16;

    private readonly Dictionary<string, ModelTensor> _tensors = config.Tensors.ToDictionary(tensor => tensor.Name);
    private readonly long _parameters = config.Tensors.Sum(tensor => tensor.ElementCount);
    private readonly List<Linear> _linears = [];
    private double _squaredWeights;
    private double _squaredErrors;

    /// <summary>The threads that do what is not done on the device.</summary>
    public Workers Workers { get; } = (options.Device as CpuDevice ?? CpuDevice.Default).Workers;

    /// <summary>The linear layers loaded so far, to be disposed of by whoever loads them.</summary>
    public IReadOnlyList<Linear> Linears => _linears;

    /// <summary>Bytes of norms and biases.</summary>
    public long VectorBytes { get; private set; }

    public BitLedger Bits { get; private set; }

    /// <summary>See <see cref="TransformerModel.RelativeError"/>.</summary>
    public double? RelativeError { get; private set; } = 0;

    public Norm LoadNorm(string module)
    {
        float[] weight = ReadVector(ModelLayout.WeightOf(module));
        return new(config.Family.Norm, weight, ReadBias(module), config.NormEpsilon);
    }

    public DenseLinear LoadEmbedding(string module)
    {
        float[] weight = ReadPlain(ModelLayout.WeightOf(module));
        return Add(DenseLinear.Create(Workers, weight, config.VocabularySize, config.HiddenSize, []));
    }

    public Linear LoadLinear(string module) => Add(ReadLinear(module));

    private TLinear Add<TLinear>(TLinear linear)
        where TLinear : Linear
    {
        _linears.Add(linear);
        return linear;
    }

    private Linear ReadLinear(string module)
    {
        ModelTensor tensor = Checked(ModelLayout.WeightOf(module));
        (int rows, int columns) = ((int)tensor.Shape[0], (int)tensor.Shape[1]);
        QuantizationScheme? scheme = options.Plan.SchemeFor(tensor);
        if (source.TryReadQuantized(tensor.Name, out QuantizedTensor? stored))
        {
            if (scheme is not null)
            {
                throw new ArgumentException(
                    $"{source.Path}: tensor {tensor} is stored as {stored.Scheme}; a plan to quantize it to {scheme} was given.");
            }

            RelativeError = null;
            return Prepare(stored, module);
        }

        float[] weight = source.ReadSingle(tensor.Name);
        if (scheme is null)
        {
            Count(BitLedger.ForUnquantized(weight.Length, UnquantizedBits));
            return DenseLinear.Create(Workers, weight, rows, columns, ReadBias(module));
        }

        QuantizedTensor quantized = BlockwiseQuantizer.Quantize<float>(weight, rows, columns, scheme);
        CountError(weight, quantized);
        return Prepare(quantized, module);
    }

    private QuantizedLinear Prepare(QuantizedTensor weight, string module)
    {
        Count(weight.Bits);
        return new(options.Device.Prepare(weight, options.Preference), ReadBias(module));
    }

    private float[] ReadBias(string module) =>
        _tensors.ContainsKey(ModelLayout.BiasOf(module)) ? ReadVector(ModelLayout.BiasOf(module)) : [];

    private float[] ReadVector(string name)
    {
        float[] values = ReadPlain(name);
        VectorBytes += sizeof(float) * (long)values.Length;
        return values;
    }

    private float[] ReadPlain(string name)
    {
        float[] values = source.ReadSingle(Checked(name).Name);
        Count(BitLedger.ForUnquantized(values.Length, UnquantizedBits));
        return values;
    }

    private ModelTensor Checked(string name)
    {
        ModelTensor tensor = _tensors[name];
        tensor.ThrowIfNotIn(source, config);
        return tensor;
    }

    private void Count(BitLedger bits)
    {
        Bits += bits;
        progress?.Report((double)Bits.Parameters / _parameters);
    }

    private void CountError(float[] weight, QuantizedTensor quantized)
    {
        var restored = new float[weight.Length];
        BlockwiseQuantizer.Dequantize<float>(quantized, restored);
        float distance = TensorPrimitives.Distance<float>(weight, restored);
        float norm = TensorPrimitives.Norm<float>(weight);
        _squaredErrors += (double)distance * distance;
        _squaredWeights += (double)norm * norm;
        if (_squaredWeights > 0)
            RelativeError = Math.Sqrt(_squaredErrors / _squaredWeights);
    }
}
