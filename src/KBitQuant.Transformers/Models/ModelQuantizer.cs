using KBitQuant.Compute.Cpu;
using KBitQuant.Quantization;
using KBitQuant.Threading;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Models;

/// <summary>Quantizes a model's weights without running it: what a quantized copy of its files is made of.</summary>
public static class ModelQuantizer
{
    /// <summary>Quantizes every weight that a plan is about, exactly as loading the model with that plan does.</summary>
    /// <param name="config">The shape of the model.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="plan">Which weights to quantize, and how.</param>
    /// <param name="device">Whose threads do the work; null for <see cref="CpuDevice.Default"/>.</param>
    /// <param name="progress">Receives the part done, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops between weights.</param>
    /// <returns>The quantized weights by name.</returns>
    /// <exception cref="CheckpointFormatException">A tensor of the model is missing or of another shape.</exception>
    /// <exception cref="ArgumentException">The configuration is one that no model can have, the plan does not go with the model, or a weight
    /// is stored quantized or not finite.</exception>
    /// <exception cref="ObjectDisposedException">The device, or the source of the weights, is disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static IReadOnlyDictionary<string, QuantizedTensor> Quantize(
        ModelConfig config,
        IWeightSource weights,
        QuantizationPlan plan,
        CpuDevice? device = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(plan);
        ModelConfigCheck.ThrowIfImpossible(config);
        plan.ThrowIfNotFor(config);
        // Of the others too, so that what a copy is made of is a model.
        foreach (ModelTensor tensor in config.Tensors)
            tensor.ThrowIfNotIn(weights, config);
        ModelTensor[] chosen = [.. config.Tensors.Where(tensor => plan.SchemeFor(tensor) is not null)];
        Workers workers = (device ?? CpuDevice.Default).Workers;
        var quantized = new Dictionary<string, QuantizedTensor>(StringComparer.Ordinal);
        foreach (ModelTensor tensor in chosen)
        {
            cancellationToken.ThrowIfCancellationRequested();
            quantized.Add(tensor.Name, Quantize(weights, tensor, plan.SchemeFor(tensor)!, workers));
            progress?.Report((double)quantized.Count / chosen.Length);
        }

        return quantized;
    }

    private static QuantizedTensor Quantize(IWeightSource weights, ModelTensor tensor, QuantizationScheme scheme, Workers workers)
    {
        if (weights.TryReadQuantized(tensor.Name, out QuantizedTensor? stored))
            throw tensor.AlreadyQuantized(weights, stored, scheme);
        return tensor.Quantize(weights, weights.ReadSingle(tensor.Name), scheme, workers);
    }
}
