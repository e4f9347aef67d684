using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using KBitQuant.Compute.Gpu.Kernels;

namespace KBitQuant.Compute.Gpu;

/// <summary>A weight on a GPU: brings inputs there and outputs back through memory that it keeps between calls.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal abstract class GpuPreparedWeight(GpuDevice device, int rows, int columns, string kernelName) : PreparedWeight(rows, columns, kernelName)
{
    // 16-bit elements are carried as their bits.
    private readonly Staging<ushort> _short = new(device);
    private readonly Staging<float> _single = new(device);
    private readonly DeviceArray<float> _bias = new(device);
    private bool _isDisposed;

    protected GpuDevice Device => device;

    protected override void MatMulCore<T>(ReadOnlySpan<T> x, int m, Span<T> y, ReadOnlySpan<float> bias)
    {
        using GpuDevice.Call call = device.Enter();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (typeof(T) == typeof(float))
            Run<float, SingleElement>(_single, MemoryMarshal.Cast<T, float>(x), m, MemoryMarshal.Cast<T, float>(y), bias);
        else if (typeof(T) == typeof(Half))
            Run<ushort, HalfElement>(_short, MemoryMarshal.Cast<T, ushort>(x), m, MemoryMarshal.Cast<T, ushort>(y), bias);
        else
            Run<ushort, BFloat16Element>(_short, MemoryMarshal.Cast<T, ushort>(x), m, MemoryMarshal.Cast<T, ushort>(y), bias);
    }

    /// <summary>Starts the product of device-resident inputs, within a call.</summary>
    protected abstract void Launch<TStorage, TElement>(MatMulOperands<TStorage> operands)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            using GpuDevice.Call call = device.EnterUnchecked();
            _isDisposed = true;
            _short.Dispose();
            _single.Dispose();
            _bias.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Run<TStorage, TElement>(Staging<TStorage> staging, ReadOnlySpan<TStorage> x, int m, Span<TStorage> y, ReadOnlySpan<float> bias)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>
    {
        Launch<TStorage, TElement>(new MatMulOperands<TStorage>
        {
            X = staging.X.Upload(x),
            Y = staging.Y.Reserve(y.Length),
            Bias = _bias.Upload(bias),
            HasBias = bias.IsEmpty ? 0 : 1,
            M = m,
            N = Rows,
            K = Columns,
        });
        staging.Y.Download(y);
    }

    [RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
    private sealed class Staging<TStorage>(GpuDevice device) : IDisposable
        where TStorage : unmanaged
    {
        public DeviceArray<TStorage> X { get; } = new(device);

        public DeviceArray<TStorage> Y { get; } = new(device);

        public void Dispose()
        {
            X.Dispose();
            Y.Dispose();
        }
    }
}
