namespace KBitQuant.Transformers.Models;

/// <summary>A model's layers on one kind of device. What they compute is the same everywhere; sequences, generation and evaluation
/// know this class alone. A decoder may be used from several threads, each with a cache of its own.</summary>
internal abstract class Decoder : IDisposable
{
    /// <summary>The most tokens of a pass: long enough for full speed, short enough for small buffers.</summary>
    public abstract int MaxTokens { get; }

    /// <summary>What the weights hold.</summary>
    public abstract ModelMemory Memory { get; }

    /// <summary>The kernels that run quantized weights.</summary>
    public abstract IReadOnlyList<string> KernelNames { get; }

    /// <summary>Makes an empty cache for a sequence of up to so many tokens.</summary>
    public abstract KeyValueCache CreateCache(int capacity);

    /// <summary>Passes tokens through the layers.</summary>
    /// <param name="tokens">1 to <see cref="MaxTokens"/> tokens that the cache has room for; they are appended to it.</param>
    /// <param name="cache">A cache that this decoder made.</param>
    /// <param name="logits">Receives the logits that follow the last tokens, [rows, vocabulary]; there may be no row.</param>
    /// <param name="cancellationToken">Stops between layers; the tokens are then not in the cache.</param>
    public abstract void Forward(ReadOnlySpan<int> tokens, KeyValueCache cache, Span<float> logits, CancellationToken cancellationToken);

    /// <summary>As <see cref="Forward"/>, but tells only the token with the largest logit.</summary>
    /// <param name="tokens">As there.</param>
    /// <param name="cache">As there.</param>
    /// <param name="logits">Room for the logits of one token; what is in it afterwards is not defined.</param>
    /// <param name="cancellationToken">As there.</param>
    /// <exception cref="InvalidOperationException">The largest logit is no finite number; a GPU does not look.</exception>
    public virtual int ForwardLikeliest(ReadOnlySpan<int> tokens, KeyValueCache cache, Span<float> logits, CancellationToken cancellationToken)
    {
        Forward(tokens, cache, logits, cancellationToken);
        return Logits.Likeliest(logits);
    }

    public abstract void Dispose();
}
