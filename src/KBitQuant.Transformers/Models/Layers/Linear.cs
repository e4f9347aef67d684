namespace KBitQuant.Transformers.Models.Layers;

/// <summary>A linear layer: y = x W^T (+ bias), W of [Rows, Columns].</summary>
internal abstract class Linear(int rows, int columns) : ILoadedLinear, IDisposable
{
    /// <summary>Outputs.</summary>
    public int Rows { get; } = rows;

    /// <summary>Inputs.</summary>
    public int Columns { get; } = columns;

    /// <inheritdoc/>
    public abstract long ByteLength { get; }

    /// <inheritdoc/>
    public virtual string? KernelName => null;

    /// <summary>[m, Columns] to [m, Rows]; may be called from several threads at once.</summary>
    public abstract void Apply(ReadOnlySpan<float> x, int m, Span<float> y);

    public virtual void Dispose()
    {
    }
}
