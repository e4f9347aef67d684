using System.Text.Json;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>
/// The header of a safetensors file, JSON: <c>{"__metadata__": {"key": "text"}, "name": {"dtype": "F16", "shape": [2, 3],
/// "data_offsets": [0, 12]}}</c>, offsets counted from the header's end. Parsed in one pass, in memory proportional to it.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The longest header that the format allows, in bytes.</summary>
    public const long MaxLength = 100_000_000;

    /// <summary>The bytes before the header: its length, 64 bits, little-endian.</summary>
    public const int PrefixLength = sizeof(ulong);

    public const string MetadataKey = "__metadata__";
    public const string DTypeKey = "dtype";
    public const string ShapeKey = "shape";
    public const string OffsetsKey = "data_offsets";

    // The root, a tensor and its arrays are three levels; a few more for keys that later versions of the format may add.
    private const int MaxDepth = 8;
    private const int MaxDimensions = 64;

    private readonly Dictionary<string, SafetensorsTensor> _tensors = new(StringComparer.Ordinal);
    private readonly long _dataLength;
    private Dictionary<string, string>? _metadata;

    private SafetensorsHeader(long dataLength) => _dataLength = dataLength;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => _tensors;

    /// <summary>The tensors in the order of their data.</summary>
    public IReadOnlyList<SafetensorsTensor> InOrder { get; private set; } = [];

    /// <summary>The metadata; empty where the file has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata ?? [];

    /// <summary>Parses and checks a header.</summary>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">The bytes that follow it in the file.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="CheckpointFormatException">The header is not what the format allows.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string path)
    {
        try
        {
            SafetensorsHeader header = new(dataLength);
            Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            header.ReadRoot(ref reader);
            header.CheckLayout();
            return header;
        }
        // Of the reader's own exceptions; those made here have no place in the text.
        catch (JsonException exception) when (exception.LineNumber is not null)
        {
            throw new CheckpointFormatException(path, $"the safetensors header is not valid JSON: {exception.Message}", exception);
        }
        // InvalidOperationException: text that is not valid UTF-8 or UTF-16. ArgumentException: a shape without a size.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new CheckpointFormatException(path, $"the safetensors header: {exception.Message}.", exception);
        }
    }

    private void ReadRoot(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "all of it");
        while (NextKey(ref reader) is { } name)
        {
            if (name == MetadataKey)
                ReadMetadata(ref reader);
            else
                ReadTensor(ref reader, name);
        }

        // Only white space may follow; the reader throws at anything else.
        reader.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (_metadata is not null)
            throw new JsonException($"{MetadataKey} occurs twice");
        _metadata = new(StringComparer.Ordinal);
        Expect(ref reader, JsonTokenType.StartObject, MetadataKey);
        while (NextKey(ref reader) is { } key)
        {
            Expect(ref reader, JsonTokenType.String, $"{MetadataKey} value of '{key}'");
            if (!_metadata.TryAdd(key, reader.GetString()!))
                throw new JsonException($"{MetadataKey} key '{key}' occurs twice");
        }
    }

    private void ReadTensor(ref Utf8JsonReader reader, string name)
    {
        string? dtypeName = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, $"tensor '{name}'");
        while (NextKey(ref reader) is { } key)
        {
            bool isNew = key switch
            {
                DTypeKey => SetOnce(ref dtypeName, ReadText(ref reader, $"{DTypeKey} of '{name}'")),
                ShapeKey => SetOnce(ref shape, ReadIntegers(ref reader, MaxDimensions, $"{ShapeKey} of '{name}'")),
                OffsetsKey => SetOnce(ref offsets, ReadIntegers(ref reader, 2, $"{OffsetsKey} of '{name}'")),
                _ => SkipValue(ref reader),
            };
            if (!isNew)
                throw new JsonException($"{key} of '{name}' occurs twice");
        }

        if (dtypeName is null || shape is null || offsets is not [long start, long end])
            throw new JsonException($"tensor '{name}' lacks {DTypeKey}, {ShapeKey} or {OffsetsKey} (two of them)");
        if (!_tensors.TryAdd(name, MakeTensor(name, dtypeName, shape, start, end)))
            throw new JsonException($"tensor '{name}' occurs twice");
    }

    private SafetensorsTensor MakeTensor(string name, string dtypeName, List<long> shape, long start, long end)
    {
        if (!SafetensorsDType.TryParse(dtypeName, out SafetensorsDType? dtype))
        {
            throw new JsonException(
                $"tensor '{name}' has {DTypeKey} '{dtypeName}'; known are {string.Join(", ", SafetensorsDType.All)}");
        }

        if (start > end || end > _dataLength)
        {
            throw new JsonException(
                $"tensor '{name}' lies at [{start}, {end}); allowed are ranges within the {_dataLength} bytes of data (is the file truncated?)");
        }

        long needed = dtype.ByteLength(shape);
        if (end - start != needed)
        {
            throw new JsonException(
                $"tensor '{name}' takes {end - start} bytes; {dtype} of shape [{string.Join(", ", shape)}] takes {needed}");
        }

        return new(name, dtype, [.. shape], start, end - start);
    }

    /// <summary>The format allows neither overlaps nor gaps nor bytes after the last tensor.</summary>
    private void CheckLayout()
    {
        InOrder = [.. _tensors.Values.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.ByteLength)];
        long position = 0;
        foreach (SafetensorsTensor tensor in InOrder)
        {
            if (tensor.Offset != position)
            {
                throw new JsonException(
                    $"tensor '{tensor.Name}' begins at {tensor.Offset}, not {position}; neither overlaps nor gaps are allowed");
            }

            position += tensor.ByteLength;
        }

        if (position != _dataLength)
            throw new JsonException($"the tensors take {position} bytes; {_dataLength} bytes follow the header");
    }

    private static string? NextKey(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;
    }

    private static bool SetOnce<T>(ref T? field, T value)
        where T : class
    {
        bool isNew = field is null;
        field = value;
        return isNew;
    }

    private static string ReadText(ref Utf8JsonReader reader, string what)
    {
        Expect(ref reader, JsonTokenType.String, what);
        return reader.GetString()!;
    }

    private static List<long> ReadIntegers(ref Utf8JsonReader reader, int maxCount, string what)
    {
        Expect(ref reader, JsonTokenType.StartArray, what);
        List<long> values = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long value) || value < 0)
                throw new JsonException($"{what} holds something other than integers from 0 to 2^63-1");
            if (values.Count == maxCount)
                throw new JsonException($"{what} holds more than {maxCount} numbers");
            values.Add(value);
        }

        return values;
    }

    private static bool SkipValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
        return true;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        reader.Read();
        if (reader.TokenType != type)
            throw new JsonException($"{what} is {NameOf(reader.TokenType)}; {NameOf(type)} is allowed");
    }

    private static string NameOf(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => "null",
    };
}
