using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Models;

/// <summary>Runs of a model over a sequence.</summary>
internal static class ModelRun
{
    /// <summary>The logits after each of some tokens, passed so many at a time.</summary>
    public static float[] Logits(TransformerModel model, int[] tokens, int step = int.MaxValue)
    {
        int vocabulary = model.Config.VocabularySize;
        var logits = new float[tokens.Length * vocabulary];
        using KeyValueCache cache = model.CreateCache(tokens.Length);
        for (int start = 0; start < tokens.Length; start += Math.Min(step, tokens.Length))
        {
            int count = Math.Min(step, tokens.Length - start);
            model.Forward(tokens.AsSpan(start, count), cache, logits.AsSpan(start * vocabulary, count * vocabulary));
        }

        return logits;
    }
}
