using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KBitQuant.Numerics;

namespace KBitQuant.Compute;

/// <summary>A quantized weight on a device, in the layout of one kernel.</summary>
public abstract class PreparedWeight : IDisposable
{
    /// <summary>Notes the weight's shape.</summary>
    /// <param name="rows">N.</param>
    /// <param name="columns">K.</param>
    /// <param name="kernelName">The kernel it was prepared for.</param>
    protected PreparedWeight(int rows, int columns, string kernelName) => (Rows, Columns, KernelName) = (rows, columns, kernelName);

    /// <summary>N: the length of an output row.</summary>
    public int Rows { get; }

    /// <summary>K: the length of an input row.</summary>
    public int Columns { get; }

    /// <summary>The kernel that runs it.</summary>
    public string KernelName { get; }

    /// <summary>The bytes that the prepared weight takes on its device.</summary>
    public abstract long ByteLength { get; }

    /// <summary>Whether the weight is disposed of.</summary>
    internal bool IsDisposed { get; private set; }

    /// <summary>y = x W^T (+ bias): [M, K] times [N, K] transposed to [M, N], all row-major. Products are summed in at least float and
    /// rounded once to <typeparamref name="T"/>. May be called from several threads at once.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="x">M * K inputs.</param>
    /// <param name="m">M: input rows, at least 0.</param>
    /// <param name="y">Receives M * N outputs; must overlap neither the inputs nor the bias.</param>
    /// <param name="bias">N values to add to every output row, or empty.</param>
    /// <exception cref="ArgumentException">A length differs, or the outputs overlap the inputs or the bias.</exception>
    /// <exception cref="ObjectDisposedException">The weight or its device is disposed of.</exception>
    /// <exception cref="NotSupportedException">Another element type.</exception>
    public void MatMul<T>(ReadOnlySpan<T> x, int m, Span<T> y, ReadOnlySpan<float> bias = default)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Elements.ThrowIfUnsupported<T>();
        ArgumentOutOfRangeException.ThrowIfNegative(m);
        ThrowUnlessLength(nameof(x), x.Length, m, Columns);
        ThrowUnlessLength(nameof(y), y.Length, m, Rows);
        if (!bias.IsEmpty)
            ThrowUnlessLength(nameof(bias), bias.Length, 1, Rows);
        if (x.Overlaps(y) || Overlap<float, T>(bias, y))
            throw new ArgumentException("Outputs are written while inputs and bias are still read; spans that overlap were given.", nameof(y));
        if (y.IsEmpty)
            return;
        MatMulCore(x, m, y, bias);
    }

    /// <summary>Shape and kernel, for people.</summary>
    public override string ToString() => $"[{Rows}, {Columns}] for {KernelName}";

    /// <inheritdoc/>
    public void Dispose()
    {
        IsDisposed = true;
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The product; the arguments are checked and y is not empty.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="x">The inputs.</param>
    /// <param name="m">M.</param>
    /// <param name="y">The outputs.</param>
    /// <param name="bias">N values or none.</param>
    protected abstract void MatMulCore<T>(ReadOnlySpan<T> x, int m, Span<T> y, ReadOnlySpan<float> bias)
        where T : unmanaged;

    /// <summary>Gives back what the weight holds on its device.</summary>
    /// <param name="disposing">Whether called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Whether two spans share memory. <see cref="MemoryMarshal.Cast{TFrom, TTo}(ReadOnlySpan{TFrom})"/> takes no span that has more
    /// elements of the other type than an int counts.</summary>
    private static unsafe bool Overlap<TFirst, TSecond>(ReadOnlySpan<TFirst> first, ReadOnlySpan<TSecond> second)
        where TFirst : unmanaged
        where TSecond : unmanaged
    {
        ref byte start = ref Unsafe.As<TFirst, byte>(ref MemoryMarshal.GetReference(first));
        nint distance = Unsafe.ByteOffset(in start, in Unsafe.As<TSecond, byte>(ref MemoryMarshal.GetReference(second)));
        return !first.IsEmpty && !second.IsEmpty
            && (distance >= 0 ? distance < (nint)first.Length * sizeof(TFirst) : -distance < (nint)second.Length * sizeof(TSecond));
    }

    private static void ThrowUnlessLength(string name, int given, int rows, int columns)
    {
        if (given != (long)rows * columns)
            throw new ArgumentException($"{name} has {(long)rows * columns} elements ({rows} rows of {columns}); {given} were given.", name);
    }
}
