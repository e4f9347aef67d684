using System.Diagnostics.CodeAnalysis;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>A tensor on a GPU in the canonical packing, its constants and offsets decoded to float. Made within a call.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class CanonicalWeight : IDisposable
{
    private readonly DeviceArray<byte> _codes;
    private readonly DeviceArray<float> _table;
    private readonly DeviceArray<float> _constants;
    private readonly DeviceArray<float> _offsets;

    public CanonicalWeight(GpuDevice device, QuantizedTensor tensor)
    {
        _codes = new(device);
        _table = new(device);
        _constants = new(device);
        _offsets = new(device);
        try
        {
            View = Upload(tensor);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public CanonicalView View { get; }

    public long ByteLength => _codes.ByteLength + _table.ByteLength + _constants.ByteLength + _offsets.ByteLength;

    public void Dispose()
    {
        _codes.Dispose();
        _table.Dispose();
        _constants.Dispose();
        _offsets.Dispose();
    }

    private CanonicalView Upload(QuantizedTensor tensor)
    {
        int bits = tensor.Scheme.DataType.Bits;
        // Kernels read the word that a code begins in and the one after it.
        long words = ((tensor.Codes.Length + sizeof(uint) - 1L) / sizeof(uint)) + 1;
        _codes.Reserve(words * sizeof(uint));
        _codes.Upload(tensor.Codes);
        _table.Upload(tensor.Scheme.DataType.Lookup.AsSpan(0, 1 << bits));
        var values = new float[tensor.BlockCount];
        tensor.DecodeConstants(values);
        _constants.Upload(values);
        if (tensor.HasOffsets)
            tensor.DecodeOffsets(values);
        _offsets.Upload(tensor.HasOffsets ? values : []);
        return new CanonicalView
        {
            Words = _codes.View.Cast<uint>(),
            Table = _table.View,
            Constants = _constants.View,
            Offsets = _offsets.View,
            Bits = bits,
            BlockSize = tensor.Scheme.BlockSizeFor(tensor.Length),
            HasOffsets = tensor.HasOffsets ? 1 : 0,
        };
    }
}
