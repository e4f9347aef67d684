using System.Diagnostics.CodeAnalysis;
using ILGPU;
using ILGPU.Runtime;
using KBitQuant.Numerics;

namespace KBitQuant.Compute.Gpu;

/// <summary>Activations, biases or other values that stay in the memory of a GPU between products.</summary>
/// <typeparam name="T">Half, BFloat16 or float.</typeparam>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
public sealed class GpuTensor<T> : IDisposable
    where T : unmanaged
{
    private readonly DeviceArray<T> _array;

    internal GpuTensor(GpuDevice device, int length)
    {
        Elements.ThrowIfUnsupported<T>();
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        (Device, Length) = (device, length);
        _array = new DeviceArray<T>(device);
        using GpuDevice.Call call = device.Enter();
        _array.Reserve(length);
    }

    /// <summary>Elements.</summary>
    public int Length { get; }

    /// <summary>The bytes that it takes.</summary>
    internal long ByteLength => _array.ByteLength;

    internal GpuDevice Device { get; }

    /// <summary>All of it; used within calls.</summary>
    internal ArrayView<T> View
    {
        get
        {
            ObjectDisposedException.ThrowIf(_array.ByteLength == 0, this);
            return _array.View;
        }
    }

    /// <summary>Copies values to the device; the source may be reused at once.</summary>
    /// <param name="source">Exactly <see cref="Length"/> values.</param>
    /// <param name="progress">Receives the part that is there or on its way, from 0 to 1, every few MiB.</param>
    /// <exception cref="ArgumentException">The length differs.</exception>
    /// <exception cref="ObjectDisposedException">The tensor or its device is disposed of.</exception>
    public void CopyFrom(ReadOnlySpan<T> source, IProgress<double>? progress = null)
    {
        ThrowUnlessLength(source.Length, nameof(source));
        using GpuDevice.Call call = Device.Enter();
        Device.Staging.Upload(source, View, progress);
    }

    /// <summary>Copies values from the device, when the products begun before have finished.</summary>
    /// <param name="destination">Exactly <see cref="Length"/> values.</param>
    /// <exception cref="ArgumentException">The length differs.</exception>
    /// <exception cref="ObjectDisposedException">The tensor or its device is disposed of.</exception>
    public void CopyTo(Span<T> destination)
    {
        ThrowUnlessLength(destination.Length, nameof(destination));
        CopyFirstTo(destination);
    }

    /// <summary>As <see cref="CopyTo"/>, but only the first values, as many as there is room for.</summary>
    internal void CopyFirstTo(Span<T> destination)
    {
        using GpuDevice.Call call = Device.Enter();
        if (!destination.IsEmpty)
            View.SubView(0, destination.Length).CopyToCPU(Device.Stream, destination);
        Device.Stream.Synchronize();
    }

    /// <inheritdoc/>
    public void Dispose() => _array.Dispose();

    private void ThrowUnlessLength(int given, string name)
    {
        if (given != Length)
            throw new ArgumentException($"The tensor has {Length} elements; a span for {given} was given.", name);
    }
}
