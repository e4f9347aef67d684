using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.MemoryMappedFiles;
using System.Numerics.Tensors;
using KBitQuant.Numerics;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>
/// A safetensors file, memory-mapped: opening checks the whole header and reads no data. Spans reach into the mapping;
/// they must not be used after <see cref="Dispose"/>, and the file must not be shortened while it is open.
/// </summary>
/// <remarks>The format is little-endian, and so must the machine be. Reading from several threads is safe.</remarks>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private const int CopyChunk = 1 << 24;

    private readonly MemoryMappedFile _mapping;
    private readonly MemoryMappedViewAccessor _view;
    private readonly SafetensorsHeader _header;
    private readonly byte* _data;
    private bool _isDisposed;

    private SafetensorsFile(string path, MemoryMappedFile mapping, long length)
    {
        Path = path;
        _mapping = mapping;
        _view = mapping.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            long headerLength = ReadHeaderLength(new(start, SafetensorsHeader.PrefixLength), length);
            byte* json = start + SafetensorsHeader.PrefixLength;
            _data = json + headerLength;
            _header = SafetensorsHeader.Parse(
                new(json, (int)headerLength), length - SafetensorsHeader.PrefixLength - headerLength, path);
        }
        catch
        {
            Unmap();
            throw;
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The tensors in the order of their data.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors => _header.InOrder;

    /// <summary>The file's key and value texts (<c>__metadata__</c>); empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointFormatException">The file is not valid safetensors.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!File.Exists(path))
            throw MissingFile.Of(path, $"There is no file '{path}' to read tensors from.");
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        long length = stream.Length;
        if (length < SafetensorsHeader.PrefixLength)
        {
            throw new CheckpointFormatException(
                path, $"{length} bytes; a safetensors file begins with {SafetensorsHeader.PrefixLength} bytes of header length.");
        }

        MemoryMappedFile mapping = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        return new(path, mapping, length);
    }

    /// <summary>Finds a tensor by name.</summary>
    /// <param name="name">The name, case-sensitive.</param>
    /// <param name="tensor">The tensor found.</param>
    /// <returns>Whether the file has it.</returns>
    public bool TryGet(string name, [NotNullWhen(true)] out SafetensorsTensor? tensor) =>
        _header.Tensors.TryGetValue(name, out tensor);

    /// <summary>A tensor's bytes, within the mapping.</summary>
    /// <param name="name">The tensor.</param>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    /// <exception cref="ObjectDisposedException">The file is disposed of.</exception>
    /// <exception cref="NotSupportedException">The tensor is longer than a span can be, 2^31-1 bytes.</exception>
    public ReadOnlySpan<byte> GetBytes(string name) => View<byte>(Find(name), sizeof(byte));

    /// <summary>Writes a tensor's bytes to a stream, however long it is.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <param name="cancellationToken">Stops every few megabytes.</param>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    /// <exception cref="ObjectDisposedException">The file is disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void CopyTo(string name, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        SafetensorsTensor tensor = Find(name);
        for (long at = 0; at < tensor.ByteLength; at += CopyChunk)
        {
            cancellationToken.ThrowIfCancellationRequested();
            destination.Write(new ReadOnlySpan<byte>(_data + tensor.Offset + at, (int)Math.Min(CopyChunk, tensor.ByteLength - at)));
        }
    }

    /// <summary>A tensor's elements, row-major; within the mapping, or a copy where the file does not align them.</summary>
    /// <typeparam name="T">The <see cref="SafetensorsDType.ElementType"/> of the tensor's type.</typeparam>
    /// <param name="name">The tensor.</param>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    /// <exception cref="ObjectDisposedException">The file is disposed of.</exception>
    /// <exception cref="ArgumentException">The tensor's elements are of another type.</exception>
    /// <exception cref="NotSupportedException">The tensor has more elements than a span can have, 2^31-1.</exception>
    public ReadOnlySpan<T> Get<T>(string name)
        where T : unmanaged
    {
        SafetensorsTensor tensor = Find(name);
        if (tensor.DType.ElementType != typeof(T))
        {
            string allowed = tensor.DType.ElementType?.Name ?? "bytes";
            throw new ArgumentException($"{Path}: tensor {tensor} is read as {allowed}; {typeof(T).Name} was asked for.");
        }

        return View<T>(tensor, sizeof(T));
    }

    /// <summary>Reads a tensor of type F16, BF16, F32 or F64 as floats.</summary>
    /// <param name="name">The tensor.</param>
    /// <returns>The values, row-major.</returns>
    /// <inheritdoc cref="ReadSingle(string, Span{float})" path="/exception"/>
    public float[] ReadSingle(string name)
    {
        SafetensorsTensor tensor = Find(name);
        if (tensor.ElementCount > Array.MaxLength)
            throw TooLong(tensor);
        float[] values = new float[tensor.ElementCount];
        ReadSingle(name, values);
        return values;
    }

    /// <summary>Reads a tensor of type F16, BF16, F32 or F64 as floats: exactly, but F64 rounded to nearest.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="destination">At least as long as the tensor has elements; filled row-major.</param>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    /// <exception cref="ObjectDisposedException">The file is disposed of.</exception>
    /// <exception cref="ArgumentException">The tensor is of another type, or the destination too short.</exception>
    /// <exception cref="NotSupportedException">The tensor has more elements than an array or a span can have.</exception>
    public void ReadSingle(string name, Span<float> destination)
    {
        SafetensorsTensor tensor = Find(name);
        Type? type = tensor.DType.ElementType;
        if (type == typeof(Half))
            Elements.ToSingle(View<Half>(tensor, sizeof(Half)), destination);
        else if (type == typeof(BFloat16))
            Elements.ToSingle(View<BFloat16>(tensor, sizeof(BFloat16)), destination);
        else if (type == typeof(float))
            Elements.ToSingle(View<float>(tensor, sizeof(float)), destination);
        else if (type == typeof(double))
            TensorPrimitives.ConvertTruncating(View<double>(tensor, sizeof(double)), destination);
        else
            throw new ArgumentException($"{Path}: tensor {tensor} cannot be read as floats; F16, BF16, F32 and F64 can.");
    }

    /// <summary>Unmaps the file; spans into it are invalid from here on.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        Unmap();
    }

    private long ReadHeaderLength(ReadOnlySpan<byte> prefix, long fileLength)
    {
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafetensorsHeader.MaxLength)
        {
            throw new CheckpointFormatException(
                Path,
                $"the header claims {length} bytes; {SafetensorsHeader.MaxLength} are allowed (is this a safetensors file?).");
        }

        long available = fileLength - SafetensorsHeader.PrefixLength;
        if ((long)length > available)
        {
            throw new CheckpointFormatException(
                Path, $"the header claims {length} bytes; only {available} follow (is the file truncated?).");
        }

        return (long)length;
    }

    private SafetensorsTensor Find(string name)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return TryGet(name, out SafetensorsTensor? tensor)
            ? tensor
            : throw new KeyNotFoundException($"{Path} has no tensor '{name}'; it has {Tensors.Count} others.");
    }

    private ReadOnlySpan<T> View<T>(SafetensorsTensor tensor, int size)
        where T : unmanaged
    {
        long count = tensor.ByteLength / size;
        if (count > int.MaxValue)
            throw TooLong(tensor);
        byte* start = _data + tensor.Offset;
        if ((nuint)start % (nuint)size == 0)
            return new(start, (int)count);
        T[] copy = new T[count];
        fixed (T* destination = copy)
            Buffer.MemoryCopy(start, destination, tensor.ByteLength, tensor.ByteLength);
        return copy;
    }

    private NotSupportedException TooLong(SafetensorsTensor tensor) =>
        new($"{Path}: tensor {tensor} of {tensor.ByteLength} bytes is too long for one span or array (about 2^31 elements).");

    private void Unmap()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _mapping.Dispose();
    }
}
