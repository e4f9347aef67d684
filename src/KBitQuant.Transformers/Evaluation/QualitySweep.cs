using KBitQuant.Quantization;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Evaluation;

/// <summary>Measures bits against quality over many ways to quantize one model, as arXiv 2212.09720 does.</summary>
public static class QualitySweep
{
    /// <summary>Loads the model once for each scheme, with all linear layers but the head quantized, and evaluates it in windows of
    /// <see cref="Perplexity.DefaultWindow"/> tokens, or of as many as the model takes.</summary>
    /// <param name="modelFolder">The model, unquantized.</param>
    /// <param name="tokens">The text's tokens; at least 2.</param>
    /// <param name="schemes">The schemes; null among them stands for the model as it is.</param>
    /// <param name="progress">Receives the part done, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops within a scheme.</param>
    /// <returns>A point for each scheme, in their order.</returns>
    /// <exception cref="FileNotFoundException">A file of the model is missing.</exception>
    /// <exception cref="CheckpointFormatException">A file of the model is not valid.</exception>
    /// <exception cref="NotSupportedException">The model is of a kind that is not known.</exception>
    /// <exception cref="ArgumentException">The model is quantized already, there are too few tokens, or one is out of the vocabulary.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static IReadOnlyList<QualityPoint> Run(
        string modelFolder,
        ReadOnlyMemory<int> tokens,
        IReadOnlyList<QuantizationScheme?> schemes,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(modelFolder);
        ArgumentNullException.ThrowIfNull(schemes);
        using Checkpoint weights = Checkpoint.Open(modelFolder);
        if (weights.Quantized.Count > 0)
        {
            throw new ArgumentException(
                $"{modelFolder} is quantized already; an unquantized model is needed.", nameof(modelFolder));
        }

        ModelConfig config = ModelConfig.Load(modelFolder);
        int window = Math.Min(Perplexity.DefaultWindow, config.MaxPositions);
        var points = new List<QualityPoint>(schemes.Count);
        foreach (QuantizationScheme? scheme in schemes)
        {
            QuantizationPlan plan = scheme is null ? QuantizationPlan.None : QuantizationPlan.Linear(scheme);
            using TransformerModel model = TransformerModel.Load(config, weights, new() { Plan = plan }, cancellationToken: cancellationToken);
            var part = new PartialProgress(progress, points.Count, schemes.Count);
            double perplexity = Perplexity.Evaluate(model, tokens, window, part, cancellationToken).Perplexity;
            points.Add(new(scheme, model.Bits, perplexity, model.RelativeError ?? 0));
        }

        return points;
    }

    /// <summary>Reports the progress of one of several equal parts as that of the whole.</summary>
    private sealed class PartialProgress(IProgress<double>? whole, int part, int parts) : IProgress<double>
    {
        public void Report(double value) => whole?.Report((part + value) / parts);
    }
}
