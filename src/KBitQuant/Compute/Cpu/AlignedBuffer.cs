using System.Runtime.InteropServices;
using KBitQuant.Numerics;

namespace KBitQuant.Compute.Cpu;

/// <summary>Native memory aligned to cache lines, so that no 512-bit load crosses one; not limited to the length of an array.</summary>
internal sealed unsafe class AlignedBuffer<T>
    where T : unmanaged
{
    private T* _pointer;

    /// <param name="length">Elements; the memory is not cleared.</param>
    public AlignedBuffer(long length)
    {
        Length = length;
        nuint bytes = checked((nuint)length * (nuint)sizeof(T));
        _pointer = (T*)HugePages.Allocate(Math.Max(bytes, CacheLine.Bytes), CacheLine.Bytes);
        GC.AddMemoryPressure(ByteLength + CacheLine.Bytes);
    }

    ~AlignedBuffer() => Free();

    public long Length { get; }

    public long ByteLength => Length * sizeof(T);

    public T* Pointer => _pointer is null ? throw new ObjectDisposedException(nameof(PreparedWeight)) : _pointer;

    /// <summary>Gives the memory back now; without it, the finalizer does.</summary>
    public void Free()
    {
        if (_pointer is null)
            return;
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
        GC.RemoveMemoryPressure(ByteLength + CacheLine.Bytes);
    }
}
