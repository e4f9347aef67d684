using System.Text;
using System.Text.Json;
using KBitQuant.Quantization;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>
/// The project's own layout of quantized weights in safetensors files: lossless and self-describing. This writes it;
/// <see cref="Checkpoint"/> reads it. QUANTIZED_LAYOUT.md beside this file is its definition.
/// </summary>
public static class QuantizedTensorLayout
{
    /// <summary>The layout's name in a file's metadata.</summary>
    public const string Name = "quantized-tensors";

    /// <summary>The version that is written, and the only one that is read.</summary>
    public const string Version = "1";

    internal const string NameKey = "kbitquant.layout";
    internal const string VersionKey = "kbitquant.layout_version";
    internal const string TensorsKey = "kbitquant.tensors";

    internal const string RowsKey = "rows";
    internal const string ColumnsKey = "columns";
    internal const string TypeKey = "type";
    internal const string BitsKey = "bits";
    internal const string FittedKey = "fitted";
    internal const string BlockKey = "block";
    internal const string ConstantsKey = "constants";
    internal const string NestedKey = "nested";
    internal const string OffsetKey = "offset";

    /// <summary>The tensors that stand for one quantized weight.</summary>
    /// <param name="name">The weight's name in the unquantized checkpoint.</param>
    /// <param name="tensor">The weight.</param>
    public static IEnumerable<SafetensorsEntry> Entries(string name, QuantizedTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(tensor);
        return new QuantizedTensorParts(name, tensor.Length, tensor.Scheme)
            .Select(part => new SafetensorsEntry(part.Name, part.DType, part.Shape, stream => stream.Write(part.BytesOf(tensor))));
    }

    /// <summary>What a file's metadata says about the quantized weights in it.</summary>
    /// <param name="tensors">Every quantized weight of the file by its name.</param>
    public static IReadOnlyDictionary<string, string> Metadata(IReadOnlyDictionary<string, QuantizedTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            foreach ((string name, QuantizedTensor tensor) in tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                Describe(json, name, tensor);
            json.WriteEndObject();
        }

        return new Dictionary<string, string>
        {
            [NameKey] = Name,
            [VersionKey] = Version,
            [TensorsKey] = Encoding.UTF8.GetString(buffer.ToArray()),
        };
    }

    /// <summary>The name of a kind of offset in the layout, such as <c>mean</c>.</summary>
    /// <param name="offset">The kind.</param>
    /// <exception cref="ArgumentOutOfRangeException">The layout has no such kind.</exception>
    public static string OffsetName(BlockOffset offset) => offset switch
    {
        BlockOffset.None => "none",
        BlockOffset.Mean => "mean",
        BlockOffset.Minimum => "minimum",
        _ => throw new ArgumentOutOfRangeException(nameof(offset), offset, "The layout has no name for this kind of offset."),
    };

    private static void Describe(Utf8JsonWriter json, string name, QuantizedTensor tensor)
    {
        QuantizationScheme scheme = tensor.Scheme;
        json.WriteStartObject(name);
        json.WriteNumber(RowsKey, tensor.Rows);
        json.WriteNumber(ColumnsKey, tensor.Columns);
        json.WriteString(TypeKey, scheme.DataType.Name);
        json.WriteNumber(BitsKey, scheme.DataType.Bits);
        json.WriteBoolean(FittedKey, scheme.DataType.IsFitted);
        json.WriteNumber(BlockKey, scheme.BlockSize);
        json.WriteString(ConstantsKey, scheme.Constants.Name);
        json.WriteBoolean(NestedKey, scheme.Nested);
        json.WriteString(OffsetKey, OffsetName(scheme.Offset));
        json.WriteEndObject();
    }
}
