using System.Runtime.InteropServices;
using KBitQuant.Compute.Cpu;
using KBitQuant.DataTypes;
using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Benchmarks.Throughput;

/// <summary>A scheme of this library.</summary>
internal sealed class OurRow : IThroughputRow
{
    private readonly QuantizationScheme _scheme;
    private readonly ThroughputBuffers _buffers;
    private readonly int _codesLength;
    private readonly float[] _constants;
    private readonly QuantizedTensor _weight;

    public OurRow(string type, int block, bool nested, ThroughputBuffers buffers)
    {
        DataType dataType = DataTypeCatalog.Get(type).Fit(buffers.Sources[0]);
        _scheme = new QuantizationScheme(dataType, block) { Nested = nested };
        _buffers = buffers;
        _codesLength = BitPacking.PackedLength(ThroughputBuffers.Elements, dataType.Bits);
        _constants = new float[ThroughputBuffers.Elements / block];
        _weight = BlockwiseQuantizer.Quantize<float>(buffers.Weight, ThroughputBuffers.WeightSide, ThroughputBuffers.WeightSide, _scheme);
    }

    public string Name => $"KBitQuant {_scheme}";

    public long QuantizedBytes => ThroughputBuffers.Bytes;

    public long PreparedBytes => _weight.ByteLength;

    public Action? DequantizeToHalf => ToHalf;

    public Action? Prepare => PrepareWeight;

    public void Quantize()
    {
        for (int i = 0; i < ThroughputBuffers.Rotation; i++)
        {
            BlockwiseQuantizer.Quantize<float>(_buffers.Sources[i], _scheme, Codes(i), _constants, []);
            if (_scheme.Nested)
                NestedConstants.Quantize(_constants);
        }
    }

    public void Dequantize()
    {
        for (int i = 0; i < ThroughputBuffers.Rotation; i++)
            BlockwiseQuantizer.Dequantize<float>(Codes(i), _scheme, _constants, [], _buffers.Destinations[i]);
    }

    private Span<byte> Codes(int array) => _buffers.Codes[array].AsSpan(0, _codesLength);

    private void ToHalf()
    {
        for (int i = 0; i < ThroughputBuffers.Rotation; i++)
            BlockwiseQuantizer.Dequantize<Half>(Codes(i), _scheme, _constants, [], MemoryMarshal.Cast<float, Half>(_buffers.Destinations[i].AsSpan())[..ThroughputBuffers.Elements]);
    }

    private void PrepareWeight() => CpuDevice.Default.Prepare(_weight).Dispose();
}
