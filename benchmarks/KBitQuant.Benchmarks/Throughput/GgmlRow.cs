using KBitQuant.Benchmarks.Peers.Ggml;

namespace KBitQuant.Benchmarks.Throughput;

/// <summary>A format of ggml, whose rows this library's workers share. Some take seconds to quantize what others take milliseconds
/// for: only the head of each array is quantized, and dequantized over and over.</summary>
internal sealed class GgmlRow : IThroughputRow
{
    private const int Columns = 4096;
    private const int RowsOfPart = 4;
    private const int PartsOfHead = 16;
    private const int PartLength = RowsOfPart * Columns;

    private readonly GgmlType _type;
    private readonly PartsJob _quantize;
    private readonly PartsJob _dequantize;

    public GgmlRow(GgmlType type, ThroughputBuffers buffers)
    {
        _type = type;
        var codec = new GgmlCodec(type, Columns);
        int codesLength = RowsOfPart * codec.RowBytes;
        byte[][] codes = [.. buffers.Sources.Select(_ => new byte[PartsOfHead * codesLength])];
        _quantize = new PartsJob(PartsOfHead, (array, part) =>
            codec.Quantize(buffers.Sources[array].AsSpan(part * PartLength, PartLength), codes[array].AsSpan(part * codesLength, codesLength)));
        _dequantize = new PartsJob(ThroughputBuffers.Elements / PartLength, (array, part) => codec.Dequantize(
            codes[array].AsSpan(part % PartsOfHead * codesLength, codesLength), buffers.Destinations[array].AsSpan(part * PartLength, PartLength)));
    }

    public string Name => $"ggml {_type}";

    public long QuantizedBytes => (long)ThroughputBuffers.Rotation * PartsOfHead * PartLength * sizeof(float);

    public void Quantize() => _quantize.Run();

    public void Dequantize() => _dequantize.Run();
}
