namespace KBitQuant.Transformers.Models;

/// <summary>
/// The keys and values of one sequence, so that its tokens need not be computed again. Made by
/// <see cref="TransformerModel.CreateCache"/>; used by one thread at a time. One on a GPU gives its memory back when it is disposed of.
/// </summary>
public abstract class KeyValueCache : IDisposable
{
    private protected KeyValueCache(ModelConfig config, int capacity) => (Config, Capacity) = (config, capacity);

    /// <summary>The tokens that it can hold.</summary>
    public int Capacity { get; }

    /// <summary>The tokens that it holds: the position of the next one.</summary>
    public int Length { get; internal set; }

    internal ModelConfig Config { get; }

    /// <summary>The model that made it: others, even of the same configuration, would find keys and values that are not theirs, or none that
    /// they can read.</summary>
    internal TransformerModel? Model { get; set; }

    internal bool IsDisposed { get; private set; }

    /// <summary>Forgets every token; the next one is the first of a sequence.</summary>
    /// <exception cref="ObjectDisposedException">The cache is disposed of.</exception>
    public void Clear()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Length = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsDisposed)
            return;
        IsDisposed = true;
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives back what the cache holds on its device.</summary>
    /// <param name="disposing">Whether called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
