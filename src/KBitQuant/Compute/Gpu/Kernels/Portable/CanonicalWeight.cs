using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using ILGPU.Runtime;
using KBitQuant.DataTypes;
using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>A tensor on a GPU in the canonical packing, its constants and offsets as they are stored, nested constants decoded to
/// float. Made within a call.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class CanonicalWeight : IDisposable
{
    private readonly int _length;
    private readonly QuantizationScheme _scheme;
    private readonly GpuDevice _device;
    private readonly DeviceArray<uint> _codes;
    private readonly DeviceArray<float> _table;
    private readonly DeviceArray<uint> _constants;
    private readonly DeviceArray<uint> _offsets;

    /// <summary>Makes room for a tensor: all bits are zero.</summary>
    public CanonicalWeight(GpuDevice device, int length, QuantizationScheme scheme)
    {
        (_device, _length, _scheme) = (device, length, scheme);
        _codes = new(device);
        _table = new(device);
        _constants = new(device);
        _offsets = new(device);
        try
        {
            View = Allocate();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Copies a tensor.</summary>
    public CanonicalWeight(GpuDevice device, QuantizedTensor tensor)
        : this(device, tensor.Length, tensor.Scheme)
    {
        try
        {
            Upload(tensor.Codes, _codes);
            if (tensor.Nested is null)
                Upload(tensor.Constants, _constants);
            else
                Upload(tensor.Nested);
            Upload(tensor.Offsets, _offsets);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public CanonicalView View { get; }

    public long ByteLength => _codes.ByteLength + _table.ByteLength + _constants.ByteLength + _offsets.ByteLength;

    /// <summary>Replaces the constants by those that nested ones decode to.</summary>
    public void Upload(NestedConstants nested)
    {
        var values = new float[nested.Codes.Length];
        nested.Dequantize(values);
        Upload(MemoryMarshal.AsBytes<float>(values), _constants);
    }

    /// <summary>Brings the packed codes to the host.</summary>
    public byte[] DownloadCodes() => Download(_codes, BitPacking.PackedLength(_length, _scheme.DataType.Bits));

    /// <summary>Brings the constants to the host, in the format that codes were chosen against.</summary>
    public byte[] DownloadConstants() => Download(_constants, _scheme.DirectConstants.ByteLength(_scheme.BlockCount(_length)));

    /// <summary>Brings the offsets to the host; empty where there are none.</summary>
    public byte[] DownloadOffsets() =>
        _scheme.Offset == BlockOffset.None ? [] : Download(_offsets, _scheme.Constants.ByteLength(_scheme.BlockCount(_length)));

    public void Dispose()
    {
        _codes.Dispose();
        _table.Dispose();
        _constants.Dispose();
        _offsets.Dispose();
    }

    private CanonicalView Allocate()
    {
        DataType type = _scheme.DataType;
        // Kernels write whole groups of 32 codes, and read the word that a code begins in and the one after it.
        _codes.Reserve((((_length + 31L) / 32) * type.Bits) + 1);
        _codes.View.MemSetToZero(_device.Stream);
        _table.Upload(type.Lookup.AsSpan(0, 1 << type.Bits));
        bool hasOffsets = _scheme.Offset != BlockOffset.None;
        return new CanonicalView
        {
            Words = _codes.View,
            Table = _table.View,
            Constants = Allocate(_constants, _scheme.DirectConstants, _scheme.BlockCount(_length)),
            Offsets = Allocate(_offsets, _scheme.Constants, hasOffsets ? _scheme.BlockCount(_length) : 0),
            Bits = type.Bits,
            BlockSize = _scheme.BlockSizeFor(_length),
            HasOffsets = hasOffsets ? 1 : 0,
        };
    }

    private ConstantView Allocate(DeviceArray<uint> array, ConstantFormat format, int count)
    {
        array.Reserve((format.ByteLength(count) + sizeof(uint) - 1L) / sizeof(uint));
        array.View.MemSetToZero(_device.Stream);
        return new()
        {
            Shorts = array.View.Cast<ushort>(),
            Floats = array.View.Cast<float>(),
            Kind = ConstantView.KindOf(format),
            Largest = format.Largest,
        };
    }

    private void Upload(ReadOnlySpan<byte> bytes, DeviceArray<uint> array)
    {
        if (!bytes.IsEmpty)
            array.View.Cast<byte>().SubView(0, bytes.Length).CopyFromCPU(_device.Stream, bytes);
    }

    private byte[] Download(DeviceArray<uint> array, int length)
    {
        var bytes = new byte[length];
        if (length > 0)
            array.View.Cast<byte>().SubView(0, length).CopyToCPU(_device.Stream, bytes);
        _device.Stream.Synchronize();
        return bytes;
    }
}
