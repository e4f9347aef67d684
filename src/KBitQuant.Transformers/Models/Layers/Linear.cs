namespace KBitQuant.Transformers.Models.Layers;

/// <summary>A linear layer: y = x W^T (+ bias), W of [Rows, Columns].</summary>
internal abstract class Linear(int rows, int columns) : IDisposable
{
    /// <summary>Outputs.</summary>
    public int Rows { get; } = rows;

    /// <summary>Inputs.</summary>
    public int Columns { get; } = columns;

    /// <summary>Bytes that the weight holds, its bias not included.</summary>
    public abstract long ByteLength { get; }

    /// <summary>The kernel that runs the weight; null where it is dense.</summary>
    public virtual string? KernelName => null;

    /// <summary>[m, Columns] to [m, Rows]; may be called from several threads at once.</summary>
    public abstract void Apply(ReadOnlySpan<float> x, int m, Span<float> y);

    public virtual void Dispose()
    {
    }
}
