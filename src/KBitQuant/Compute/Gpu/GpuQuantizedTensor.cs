using System.Diagnostics.CodeAnalysis;
using ILGPU;
using ILGPU.Runtime;
using KBitQuant.Compute.Gpu.Kernels;
using KBitQuant.Compute.Gpu.Kernels.Portable;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu;

/// <summary>A quantized matrix in the memory of a GPU: codes in the canonical packing and block constants, as of a
/// <see cref="QuantizedTensor"/>. Made by <see cref="GpuDevice.Quantize{T}(GpuTensor{T}, int, int, QuantizationScheme)"/>,
/// <see cref="GpuDevice.Upload"/> or <see cref="GpuDevice.AllocateQuantized"/>.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
public sealed class GpuQuantizedTensor : IDisposable
{
    private const uint NoBadBlock = uint.MaxValue;

    private readonly CanonicalWeight _weight;
    private readonly DeviceArray<uint> _firstBadBlock;
    private QuantizationTables? _tables;
    private bool _isDisposed;

    /// <summary>Makes room, within a call.</summary>
    internal GpuQuantizedTensor(GpuDevice device, int rows, int columns, QuantizationScheme scheme)
        : this(device, rows, columns, scheme, new CanonicalWeight(device, QuantizedTensor.CheckedLength(rows, columns), scheme))
    {
    }

    /// <summary>Copies a tensor, within a call.</summary>
    internal GpuQuantizedTensor(GpuDevice device, QuantizedTensor tensor)
        : this(device, tensor.Rows, tensor.Columns, tensor.Scheme, new CanonicalWeight(device, tensor)) => Nested = tensor.Nested;

    private GpuQuantizedTensor(GpuDevice device, int rows, int columns, QuantizationScheme scheme, CanonicalWeight weight)
    {
        (Device, Rows, Columns, Scheme) = (device, rows, columns, scheme);
        Length = rows * columns;
        _weight = weight;
        _firstBadBlock = new(device);
        _firstBadBlock.Reserve(1);
        ClearBadBlock();
    }

    /// <summary>Rows; N of a weight.</summary>
    public int Rows { get; }

    /// <summary>Columns; K of a weight.</summary>
    public int Columns { get; }

    /// <summary>Elements: rows times columns.</summary>
    public int Length { get; }

    /// <summary>How the tensor is quantized.</summary>
    public QuantizationScheme Scheme { get; }

    /// <summary>Bytes of the device's memory that it takes.</summary>
    public long ByteLength => _weight.ByteLength + (_tables?.ByteLength ?? 0);

    internal GpuDevice Device { get; }

    /// <summary>The nested constants that the device's, in float, were decoded from.</summary>
    internal NestedConstants? Nested { get; private set; }

    /// <summary>As kernels see it; used within calls.</summary>
    internal CanonicalView View
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _weight.View;
        }
    }

    /// <summary>What choosing codes needs, brought to the device when it is first asked for; used within calls.</summary>
    internal QuantizationTables Tables => _tables ??= new QuantizationTables(Device, Scheme.DataType.Search);

    /// <summary>Where kernels note blocks with values that cannot be quantized; used within calls.</summary>
    internal ArrayView<uint> FirstBadBlock => _firstBadBlock.View;

    /// <summary>Brings the tensor to the host, when the work begun before has finished.</summary>
    /// <exception cref="ArgumentException">A value that was quantized into it was NaN or infinite.</exception>
    /// <exception cref="ObjectDisposedException">The tensor or its device is disposed of.</exception>
    public QuantizedTensor ToTensor()
    {
        using GpuDevice.Call call = Device.Enter();
        ThrowIfNotFinite();
        byte[] constants = Scheme.Nested ? [] : _weight.DownloadConstants();
        NestedConstants? nested = Scheme.Nested ? Nested ?? NestedConstants.Quantize(new float[Scheme.BlockCount(Length)]) : null;
        return new QuantizedTensor(Rows, Columns, Scheme, _weight.DownloadCodes(), constants, nested, _weight.DownloadOffsets(), areCodesTrusted: true);
    }

    /// <summary>Waits for the work begun before, and throws if a value that was quantized into the tensor could not be.</summary>
    /// <exception cref="ArgumentException">A value was NaN or infinite, or a block spans more than the range of a float.</exception>
    /// <exception cref="ObjectDisposedException">The tensor or its device is disposed of.</exception>
    public void ThrowIfNotFinite()
    {
        using GpuDevice.Call call = Device.Enter();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var found = new uint[1];
        _firstBadBlock.Download(found);
        if (found[0] == NoBadBlock)
            return;
        long start = (long)found[0] * Scheme.BlockSizeFor(Length);
        long end = Math.Min(start + Scheme.BlockSizeFor(Length), Length);
        throw new ArgumentException(
            $"Only finite values can be quantized; among elements {start} to {end - 1} (block {found[0]}) is a NaN or an infinity, or they span more than the range of a float.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using GpuDevice.Call call = Device.EnterUnchecked();
        _isDisposed = true;
        _weight.Dispose();
        _firstBadBlock.Dispose();
        _tables?.Dispose();
    }

    /// <summary>Forgets the blocks noted before (all bits become 1), in the order of the stream; used within calls.</summary>
    internal void ClearBadBlock()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _firstBadBlock.View.MemSet(Device.Stream, byte.MaxValue);
    }

    /// <summary>Quantizes the constants that kernels found, where the scheme nests them; waits for the kernels. Used within
    /// calls.</summary>
    internal void NestConstants()
    {
        if (!Scheme.Nested || Length == 0)
            return;
        var constants = new float[Scheme.BlockCount(Length)];
        ConstantFormat.Float32.Decode(_weight.DownloadConstants(), constants);
        Nested = NestedConstants.Quantize(constants);
        _weight.Upload(Nested);
    }
}
