using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels;
using Half = System.Half;

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

    internal GpuDevice Device => device;

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

    /// <summary>Starts the product of inputs that are on the device, within a call.</summary>
    internal void Run<T>(ArrayView<T> x, int m, ArrayView<T> y, ArrayView<float>? bias)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (typeof(T) == typeof(float))
            Launch<float, SingleElement>(Operands(x.Cast<float>(), m, y.Cast<float>(), bias));
        else if (typeof(T) == typeof(Half))
            Launch<ushort, HalfElement>(Operands(x.Cast<ushort>(), m, y.Cast<ushort>(), bias));
        else
            Launch<ushort, BFloat16Element>(Operands(x.Cast<ushort>(), m, y.Cast<ushort>(), bias));
    }

    /// <summary>Whether <see cref="RunFused"/> can be called.</summary>
    internal virtual bool CanFuse => false;

    /// <summary>Starts the product of one input row of halves together with what a decoder does before and after it, within a
    /// call.</summary>
    /// <param name="input">The inputs.</param>
    /// <param name="output">Where outputs go.</param>
    /// <param name="bias">N values, or null.</param>
    internal void RunFused(FusedInput input, FusedOutput output, ArrayView<float>? bias)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        LaunchFused(input, output, bias);
    }

    /// <summary>As <see cref="RunFused"/>, where <see cref="CanFuse"/> says so.</summary>
    protected virtual void LaunchFused(FusedInput input, FusedOutput output, ArrayView<float>? bias) => throw new NotSupportedException();

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
        Launch<TStorage, TElement>(Operands(staging.X.Upload(x), m, staging.Y.Reserve(y.Length), bias.IsEmpty ? null : _bias.Upload(bias)));
        staging.Y.Download(y);
    }

    private MatMulOperands<TStorage> Operands<TStorage>(ArrayView<TStorage> x, int m, ArrayView<TStorage> y, ArrayView<float>? bias)
        where TStorage : unmanaged => new()
        {
            X = x,
            Y = y,
            Bias = bias ?? device.Nothing,
            HasBias = bias is null ? 0 : 1,
            M = m,
            N = Rows,
            K = Columns,
        };

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
