using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace KBitQuant.Compute.Gpu;

/// <summary>Host memory that the device reads by itself: large contents are brought up in chunks, of which one is copied here while
/// the one before is on its way. Used within calls; goes with the device.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class PinnedStaging(GpuDevice device)
{
    /// <summary>Bytes of a chunk: long enough that waiting for one costs little. What is shorter is copied directly.</summary>
    public const int ChunkBytes = 4 << 20;

    private readonly PageLockedArray1D<byte>?[] _chunks = new PageLockedArray1D<byte>?[2];
    private int _next;

    /// <summary>Copies to the start of a view; returns when the source may be reused, with the last chunk on its way.</summary>
    /// <param name="source">The content.</param>
    /// <param name="destination">At least as long.</param>
    /// <param name="progress">Receives the part that is on its way or there, from 0 to 1.</param>
    public void Upload<T>(ReadOnlySpan<T> source, ArrayView<T> destination, IProgress<double>? progress)
        where T : unmanaged
    {
        int length = ChunkBytes / Unsafe.SizeOf<T>();
        int at = 0;
        for (; source.Length - at >= length; at += length)
        {
            PageLockedArray1D<byte> chunk = _chunks[_next] ??= device.Accelerator.AllocatePageLocked1D<byte>(ChunkBytes);
            MemoryMarshal.AsBytes(source.Slice(at, length)).CopyTo(chunk.Span);
            // The other chunk has arrived, and may be filled.
            device.Stream.Synchronize();
            destination.SubView(at, length).Cast<byte>().CopyFromPageLockedAsync(device.Stream, chunk);
            _next = 1 - _next;
            progress?.Report((double)(at + length) / source.Length);
        }

        if (at == source.Length)
            return;
        destination.SubView(at, source.Length - at).CopyFromCPU(device.Stream, source[at..]);
        progress?.Report(1);
    }
}
