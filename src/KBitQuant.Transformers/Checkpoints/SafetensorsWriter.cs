using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>
/// Writes safetensors files. The same tensors and metadata give the same bytes, in whatever order they come: tensors go by
/// element width, wide first, then by name, so that every tensor is aligned to its elements.
/// </summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Writes a file, one tensor at a time, first under a temporary name beside it; upon failure nothing is left or changed.
    /// </summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="entries">The tensors.</param>
    /// <param name="metadata">Key and value texts (<c>__metadata__</c>), or null for none.</param>
    /// <param name="progress">Receives the part done, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="ArgumentException">
    /// A tensor is null, two share a name, a text is null or not valid Unicode, or the header is longer than the format allows.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="InvalidOperationException">An entry wrote another number of bytes than it takes.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static void Write(
        string path,
        IEnumerable<SafetensorsEntry> entries,
        IReadOnlyDictionary<string, string>? metadata = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(entries);
        SafetensorsEntry[] given = [.. entries];
        if (given.Contains(null))
            throw new ArgumentException("A tensor is null.", nameof(entries));
        SafetensorsEntry[] ordered =
            [.. given.OrderByDescending(entry => entry.DType.Bits).ThenBy(entry => entry.Name, StringComparer.Ordinal)];
        ThrowIfNamesRepeat(ordered);
        byte[] header = MakeHeader(ordered, metadata);
        double length = header.Length + ordered.Sum(entry => entry.ByteLength);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (SafetensorsEntry entry in ordered)
            {
                cancellationToken.ThrowIfCancellationRequested();
                WriteTensor(stream, entry);
                progress?.Report(stream.Position / length);
            }
        });
    }

    internal static void ThrowIfNotUnicode(string text, string parameter)
    {
        try
        {
            StrictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException exception)
        {
            throw new ArgumentException($"'{text}' holds an unpaired surrogate; valid Unicode is needed.", parameter, exception);
        }
    }

    private static void ThrowIfNamesRepeat(SafetensorsEntry[] entries)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (SafetensorsEntry entry in entries)
        {
            if (!names.Add(entry.Name))
                throw new ArgumentException($"Two tensors are named '{entry.Name}'; names must differ.", nameof(entries));
        }
    }

    private static void WriteTensor(FileStream stream, SafetensorsEntry entry)
    {
        long start = stream.Position;
        entry.Write(stream);
        if (stream.Position - start != entry.ByteLength)
        {
            throw new InvalidOperationException(
                $"Tensor '{entry.Name}' wrote {stream.Position - start} bytes; it takes {entry.ByteLength}.");
        }
    }

    private static byte[] MakeHeader(SafetensorsEntry[] entries, IReadOnlyDictionary<string, string>? metadata)
    {
        ArrayBufferWriter<byte> buffer = new();
        buffer.Write(stackalloc byte[SafetensorsHeader.PrefixLength]);
        using (Utf8JsonWriter json = new(buffer))
            WriteJson(json, entries, metadata);
        int padding = (Alignment - (buffer.WrittenCount % Alignment)) % Alignment;
        buffer.GetSpan(Alignment)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        byte[] header = buffer.WrittenSpan.ToArray();
        int length = header.Length - SafetensorsHeader.PrefixLength;
        if (length > SafetensorsHeader.MaxLength)
            throw new ArgumentException($"The header takes {length} bytes; the format allows {SafetensorsHeader.MaxLength}.");
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)length);
        return header;
    }

    private static void WriteJson(Utf8JsonWriter json, SafetensorsEntry[] entries, IReadOnlyDictionary<string, string>? metadata)
    {
        json.WriteStartObject();
        if (metadata is { Count: > 0 })
            WriteMetadata(json, metadata);
        long position = 0;
        foreach (SafetensorsEntry entry in entries)
        {
            json.WriteStartObject(entry.Name);
            json.WriteString(SafetensorsHeader.DTypeKey, entry.DType.Name);
            WriteIntegers(json, SafetensorsHeader.ShapeKey, entry.Shape.AsSpan());
            WriteIntegers(json, SafetensorsHeader.OffsetsKey, [position, checked(position + entry.ByteLength)]);
            json.WriteEndObject();
            position += entry.ByteLength;
        }

        json.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(SafetensorsHeader.MetadataKey);
        foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            ThrowIfNotUnicode(key, nameof(metadata));
            ThrowIfNotUnicode(value, nameof(metadata));
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void WriteIntegers(Utf8JsonWriter json, string key, ReadOnlySpan<long> values)
    {
        json.WriteStartArray(key);
        foreach (long value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
