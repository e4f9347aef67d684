using static KBitQuant.Benchmarks.Peers.Ggml.GgmlNative;

namespace KBitQuant.Benchmarks.Peers.Ggml;

/// <summary>ggml's conversions between floats and one of its formats, rows at a time.</summary>
internal sealed unsafe class GgmlCodec(GgmlType type, int columns)
{
    /// <summary>Bytes of a row.</summary>
    public int RowBytes { get; } = (int)ggml_row_size((int)type, columns);

    /// <summary>Quantizes whole rows; may be called from several threads at once.</summary>
    public void Quantize(ReadOnlySpan<float> source, Span<byte> destination)
    {
        fixed (float* from = source)
        fixed (byte* to = destination)
            ggml_quantize_chunk((int)type, from, to, 0, source.Length / columns, columns, null);
    }

    /// <summary>Dequantizes whole rows.</summary>
    public void Dequantize(ReadOnlySpan<byte> source, Span<float> destination)
    {
        fixed (byte* from = source)
        fixed (float* to = destination)
        {
            for (int row = 0; row < destination.Length / columns; row++)
                ggml_get_type_traits((int)type)->ToFloat(from + ((long)row * RowBytes), to + ((long)row * columns), columns);
        }
    }
}
