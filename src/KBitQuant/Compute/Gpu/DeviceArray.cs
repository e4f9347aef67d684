using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;

namespace KBitQuant.Compute.Gpu;

/// <summary>Memory of a GPU that grows to the longest content it ever had, so that calls of the same size allocate nothing. Used
/// within calls (<see cref="GpuDevice.Enter"/>); may be disposed of at any time.</summary>
/// <typeparam name="T">The elements.</typeparam>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class DeviceArray<T>(GpuDevice device) : IDisposable
    where T : unmanaged
{
    private MemoryBuffer1D<byte, Stride1D.Dense>? _buffer;
    private long _length;

    /// <summary>All of it, at least one element: kernels take no empty views.</summary>
    public ArrayView<T> View => _buffer!.View.SubView(0, ByteLength).AsContiguous().Cast<T>();

    public long ByteLength => _buffer is null ? 0 : _length * Unsafe.SizeOf<T>();

    /// <summary>Makes room; the content is lost where it grows.</summary>
    public ArrayView<T> Reserve(long length)
    {
        if (_buffer is null || _length < length)
        {
            Dispose();
            _length = Math.Max(length, 1);
            _buffer = device.Memory.Rent(_length * Unsafe.SizeOf<T>());
        }

        return View;
    }

    /// <summary>Copies to the start, making room; returns when the source may be reused.</summary>
    public ArrayView<T> Upload(ReadOnlySpan<T> source, IProgress<double>? progress = null)
    {
        Reserve(source.Length);
        device.Staging.Upload(source, View, progress);
        return View;
    }

    /// <summary>Copies from the start, when all kernels begun before have finished.</summary>
    public void Download(Span<T> destination)
    {
        View.SubView(0, destination.Length).CopyToCPU(device.Stream, destination);
        device.Stream.Synchronize();
    }

    /// <summary>Frees the memory, whether or not the device, which takes its memory with it, is still there.</summary>
    public void Dispose()
    {
        using GpuDevice.Call call = device.EnterUnchecked();
        if (!device.IsDisposed && _buffer is not null)
            device.Memory.Return(_buffer);
        _buffer = null;
    }
}
