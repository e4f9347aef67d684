using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu;

/// <summary>A weight on a GPU: brings inputs there and outputs back.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal abstract class GpuPreparedWeight(GpuDevice device, int rows, int columns, string kernelName) : PreparedWeight(rows, columns, kernelName)
{
    internal GpuDevice Device => device;

    protected override void MatMulCore<T>(ReadOnlySpan<T> x, int m, Span<T> y, ReadOnlySpan<float> bias)
    {
        using GpuDevice.Call call = device.Enter();
        using var inputs = new DeviceArray<T>(device);
        using var outputs = new DeviceArray<T>(device);
        using var biases = new DeviceArray<float>(device);
        Run(inputs.Upload(x), m, outputs.Reserve(y.Length), bias.IsEmpty ? null : biases.Upload(bias));
        outputs.Download(y);
    }

    /// <summary>Starts the product of inputs that are on the device, within a call.</summary>
    internal void Run<T>(ArrayView<T> x, int m, ArrayView<T> y, ArrayView<float>? bias)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
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
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        LaunchFused(input, output, bias);
    }

    /// <summary>As <see cref="RunFused"/>, where <see cref="CanFuse"/> says so.</summary>
    protected virtual void LaunchFused(FusedInput input, FusedOutput output, ArrayView<float>? bias) => throw new NotSupportedException();

    /// <summary>Starts the product of device-resident inputs, within a call.</summary>
    protected abstract void Launch<TStorage, TElement>(MatMulOperands<TStorage> operands)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>;

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
}
