using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU;
using KBitQuant.Compute.Gpu.Cuda;

namespace KBitQuant.Compute.Gpu.Kernels.Platforms;

/// <summary>Writes a kernel's parameter as PTX reads it: a view is an address and a length, and each field is aligned to its
/// size.</summary>
internal ref struct ArgumentWriter(Span<byte> bytes)
{
    /// <summary>More than any parameter needs.</summary>
    public const int MaxLength = 256;

    private readonly Span<byte> _bytes = bytes;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    public void Add<T>(params ReadOnlySpan<ArrayView<T>> views)
        where T : unmanaged
    {
        foreach (ArrayView<T> view in views)
        {
            AddValue(view.IsValid ? CudaAddress.Of(view) : 0);
            AddValue(view.Length);
        }
    }

    public void Add(params ReadOnlySpan<int> values)
    {
        foreach (int value in values)
            AddValue(value);
    }

    public void Add(float value) => AddValue(value);

    private void AddValue<T>(T value)
        where T : unmanaged
    {
        int size = Unsafe.SizeOf<T>();
        Length = (Length + size - 1) / size * size;
        MemoryMarshal.Write(_bytes[Length..], value);
        Length += size;
    }
}
