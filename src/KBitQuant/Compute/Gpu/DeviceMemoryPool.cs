using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace KBitQuant.Compute.Gpu;

/// <summary>The memory of a GPU that nothing uses at the moment, kept for what asks for as much: drivers take long to give and to take
/// back. All work of a device is done in one stream, so that memory may be handed on while the work before is still to be done. Used
/// within calls; goes with the device.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class DeviceMemoryPool(Accelerator accelerator)
{
    /// <summary>The least memory, to which all else is aligned.</summary>
    private const long SmallestBytes = 256;

    /// <summary>What drivers give large memory in: such sizes waste none.</summary>
    private const long PageBytes = 2 << 20;

    /// <summary>Sizes between a power of two and the next one.</summary>
    private const int StepsPerDoubling = 8;

    private readonly Dictionary<long, Stack<MemoryBuffer1D<byte, Stride1D.Dense>>> _free = [];

    /// <summary>The bytes that are kept.</summary>
    public long FreeBytes { get; private set; }

    /// <summary>Takes memory of at least so many bytes; its content is undefined.</summary>
    /// <exception cref="Exception">The device has no more, whatever its backend throws; nothing is kept then.</exception>
    public MemoryBuffer1D<byte, Stride1D.Dense> Rent(long bytes)
    {
        long size = Round(bytes);
        if (_free.TryGetValue(size, out Stack<MemoryBuffer1D<byte, Stride1D.Dense>>? buffers) && buffers.TryPop(out MemoryBuffer1D<byte, Stride1D.Dense>? buffer))
        {
            FreeBytes -= size;
            return buffer;
        }

        try
        {
            return accelerator.Allocate1D<byte>(size);
        }
        catch when (FreeBytes > 0)
        {
            Release();
            return accelerator.Allocate1D<byte>(size);
        }
    }

    /// <summary>Gives memory back, whether or not work that uses it is still to be done.</summary>
    public void Return(MemoryBuffer1D<byte, Stride1D.Dense> buffer)
    {
        if (!_free.TryGetValue(buffer.Length, out Stack<MemoryBuffer1D<byte, Stride1D.Dense>>? buffers))
            _free.Add(buffer.Length, buffers = []);
        buffers.Push(buffer);
        FreeBytes += buffer.Length;
    }

    /// <summary>Gives everything that is kept back to the driver.</summary>
    public void Release()
    {
        foreach (Stack<MemoryBuffer1D<byte, Stride1D.Dense>> buffers in _free.Values)
        {
            foreach (MemoryBuffer1D<byte, Stride1D.Dense> buffer in buffers)
                buffer.Dispose();
        }

        _free.Clear();
        FreeBytes = 0;
    }

    /// <summary>The size of memory that holds so many bytes: one of eight between powers of two, from the page on whole pages.</summary>
    internal static long Round(long bytes)
    {
        long step = bytes <= SmallestBytes
            ? SmallestBytes
            : Math.Clamp((long)BitOperations.RoundUpToPowerOf2((ulong)bytes) / (2 * StepsPerDoubling), SmallestBytes, PageBytes);
        return (Math.Max(bytes, 1) + step - 1) / step * step;
    }
}
