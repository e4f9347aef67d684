namespace KBitQuant.Transformers.Evaluation;

/// <summary>How well a model predicts a text.</summary>
/// <param name="MeanNegativeLogLikelihood">The mean of -ln p(token) over the tokens scored, in nats.</param>
/// <param name="TokensScored">The tokens that were predicted: all but the first of each window.</param>
public sealed record PerplexityResult(double MeanNegativeLogLikelihood, long TokensScored)
{
    /// <summary>exp of the mean negative log-likelihood: 1 for a perfect prediction, the size of the vocabulary for
    /// none.</summary>
    public double Perplexity => Math.Exp(MeanNegativeLogLikelihood);
}
