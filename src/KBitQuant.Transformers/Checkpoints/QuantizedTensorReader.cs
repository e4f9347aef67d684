using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>Reads the quantized layout (QUANTIZED_LAYOUT.md) of one safetensors file; refuses every deviation.</summary>
internal static class QuantizedTensorReader
{
    // The object of tensors, and an object for each.
    private const int MaxDepth = 2;
    private static readonly string[] Keys =
    [
        QuantizedTensorLayout.RowsKey, QuantizedTensorLayout.ColumnsKey, QuantizedTensorLayout.TypeKey,
        QuantizedTensorLayout.BitsKey, QuantizedTensorLayout.FittedKey, QuantizedTensorLayout.BlockKey,
        QuantizedTensorLayout.ConstantsKey, QuantizedTensorLayout.NestedKey, QuantizedTensorLayout.OffsetKey,
    ];

    /// <summary>The quantized weights that a file describes, each checked against the tensors that it has; none where the file
    /// is not in this layout.</summary>
    /// <exception cref="CheckpointFormatException">The description is not valid, or the tensors do not match it.</exception>
    public static IReadOnlyList<QuantizedTensorInfo> Describe(SafetensorsFile file)
    {
        string[] given = [.. file.Metadata.Keys.Where(key => key.StartsWith("kbitquant.", StringComparison.Ordinal))];
        if (given.Length == 0)
            return [];
        JsonDocumentOptions options = new() { MaxDepth = MaxDepth };
        return JsonFile.Read<IReadOnlyList<QuantizedTensorInfo>>(Encoding.UTF8.GetBytes(CheckedDescription(file)), file.Path,
            "the description of quantized tensors: ", options, root => [.. root.Members().Select(member => Describe(file, member))]);
    }

    /// <summary>Reads a weight.</summary>
    /// <exception cref="CheckpointFormatException">A code lies beyond the table, or a nested constant is not finite.</exception>
    public static QuantizedTensor Read(SafetensorsFile file, QuantizedTensorInfo info)
    {
        QuantizedTensorParts parts = info.Parts;
        byte[] codes = Bytes(parts.Codes);
        int usedBits = (int)((long)info.Length * info.Scheme.DataType.Bits % 8);
        if (usedBits != 0 && codes[^1] >> usedBits != 0)
            throw new CheckpointFormatException(file.Path, $"the bits of '{parts.Codes.Name}' behind its last code are not 0.");
        try
        {
            NestedConstants? nested = parts.NestedCodes is null
                ? null
                : new NestedConstants(Bytes(parts.NestedCodes), Singles(parts.Outer), Singles(parts.Mean)[0]);
            return new QuantizedTensor(
                info.Rows, info.Columns, info.Scheme, codes, Bytes(parts.Constants), nested, Bytes(parts.Offsets));
        }
        catch (ArgumentException exception)
        {
            throw new CheckpointFormatException(file.Path, $"quantized tensor '{info.Name}': {exception.Message}", exception);
        }

        byte[] Bytes(QuantizedTensorPart? part) => part is null ? [] : file.GetBytes(part.Name).ToArray();
        float[] Singles(QuantizedTensorPart? part) => MemoryMarshal.Cast<byte, float>(Bytes(part)).ToArray();
    }

    private static string CheckedDescription(SafetensorsFile file)
    {
        string name = Text(QuantizedTensorLayout.NameKey);
        if (name != QuantizedTensorLayout.Name)
            throw new CheckpointFormatException(file.Path, $"the layout is '{name}'; '{QuantizedTensorLayout.Name}' is read.");
        string version = Text(QuantizedTensorLayout.VersionKey);
        if (version != QuantizedTensorLayout.Version)
        {
            throw new CheckpointFormatException(
                file.Path, $"the layout has version '{version}'; version {QuantizedTensorLayout.Version} is read.");
        }

        return Text(QuantizedTensorLayout.TensorsKey);

        string Text(string key) => file.Metadata.TryGetValue(key, out string? text)
            ? text
            : throw new CheckpointFormatException(file.Path, $"the metadata lacks '{key}', which the quantized layout needs.");
    }

    private static QuantizedTensorInfo Describe(SafetensorsFile file, JsonMember description)
    {
        string name = description.Key!;
        string? unknown = description.Members().Select(member => member.Key).FirstOrDefault(key => !Keys.Contains(key));
        if (unknown is not null)
            throw new JsonException($"tensor '{name}' has a member '{unknown}'; {string.Join(", ", Keys)} are allowed");
        string? missing = Keys.FirstOrDefault(key => description.Find(key) is null);
        if (missing is not null)
            throw new JsonException($"tensor '{name}' lacks the member '{missing}'");
        int rows = description.Required(QuantizedTensorLayout.RowsKey).Integer();
        int columns = description.Required(QuantizedTensorLayout.ColumnsKey).Integer();
        if (rows < 0 || columns < 0 || (long)rows * columns > QuantizedTensor.MaxLength)
        {
            throw new JsonException(
                $"tensor '{name}' has shape [{rows}, {columns}]; "
                + $"0 to {QuantizedTensor.MaxLength} elements are allowed");
        }

        QuantizedTensorInfo info = new(name, rows, columns, ReadScheme(file, name, description));
        CheckParts(file, info);
        return info;
    }

    private static QuantizationScheme ReadScheme(SafetensorsFile file, string name, JsonMember description)
    {
        DataType type = ReadType(file, name, description);
        int bits = description.Required(QuantizedTensorLayout.BitsKey).Integer();
        if (bits != type.Bits)
        {
            throw new JsonException(
                $"tensor '{name}' is said to have {bits} bits; "
                + $"its table of {type.Codebook.Length} entries has {type.Bits}");
        }

        return new QuantizationScheme(type, description.Required(QuantizedTensorLayout.BlockKey).Integer())
        {
            Constants = ReadFormat(name, description.Required(QuantizedTensorLayout.ConstantsKey).Text()),
            Nested = description.Required(QuantizedTensorLayout.NestedKey).Flag(),
            Offset = ReadOffset(name, description.Required(QuantizedTensorLayout.OffsetKey).Text()),
        };
    }

    private static DataType ReadType(SafetensorsFile file, string name, JsonMember description)
    {
        string typeName = description.Required(QuantizedTensorLayout.TypeKey).Text();
        SafetensorsTensor codebook = FindPart(file, name, QuantizedTensorParts.CodebookName(name));
        if (codebook.DType != SafetensorsDType.F32 || codebook.Shape is not [>= DataType.MinEntries and <= DataType.MaxEntries])
        {
            throw new JsonException(
                $"tensor {codebook} is a table; "
                + $"F32 with {DataType.MinEntries} to {DataType.MaxEntries} entries is allowed");
        }

        ReadOnlySpan<float> table = file.Get<float>(codebook.Name);
        bool isFitted = description.Required(QuantizedTensorLayout.FittedKey).Flag();
        DataType type = isFitted ? DataType.Fitted(typeName, table) : new DataType(typeName, table);
        // A type scales its table to a largest magnitude of 1; codes and constants were made for the table as it is.
        if (!MemoryMarshal.AsBytes(type.Codebook).SequenceEqual(MemoryMarshal.AsBytes(table)))
            throw new JsonException($"the largest finite magnitude of table '{codebook.Name}' is not 1");
        return DataTypeCatalog.TryGet(typeName, out DataType? known) && known.IsSameAs(type) ? known : type;
    }

    private static ConstantFormat ReadFormat(string name, string? format) =>
        ConstantFormat.All.FirstOrDefault(candidate => candidate.Name == format)
        ?? throw new JsonException($"tensor '{name}' has constants in '{format}'; {string.Join(", ", ConstantFormat.All)} are allowed");

    private static BlockOffset ReadOffset(string name, string? offset)
    {
        foreach (BlockOffset candidate in Enum.GetValues<BlockOffset>())
        {
            if (QuantizedTensorLayout.OffsetName(candidate) == offset)
                return candidate;
        }

        string allowed = string.Join(", ", Enum.GetValues<BlockOffset>().Select(QuantizedTensorLayout.OffsetName));
        throw new JsonException($"tensor '{name}' has offset '{offset}'; {allowed} are allowed");
    }

    private static void CheckParts(SafetensorsFile file, QuantizedTensorInfo info)
    {
        foreach (QuantizedTensorPart part in info.Parts)
        {
            SafetensorsTensor tensor = FindPart(file, info.Name, part.Name);
            if (tensor.DType != part.DType || !tensor.Shape.SequenceEqual(part.Shape))
                throw new JsonException($"tensor {tensor} does not go with {info}, which calls for {part.DType} [{string.Join(", ", part.Shape)}]");
        }

        string? superfluous = QuantizedTensorParts.AllNames(info.Name).Except(info.PartNames).Prepend(info.Name)
            .FirstOrDefault(name => file.TryGet(name, out _));
        if (superfluous is not null)
            throw new JsonException($"there is a tensor '{superfluous}', for which {info} has no use");
    }

    private static SafetensorsTensor FindPart(SafetensorsFile file, string name, string partName) =>
        file.TryGet(partName, out SafetensorsTensor? tensor)
            ? tensor
            : throw new JsonException($"quantized tensor '{name}' lacks its part '{partName}'");
}
