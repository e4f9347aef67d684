using System.Text.Json;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>Reads JSON files of others: strictly, and with failures that name the file and what in it is wrong.</summary>
internal static class JsonFile
{
    /// <summary>Reads something out of a JSON document; duplicate keys are refused.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="read">Reads it; its exceptions about the content become the one below.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointFormatException">The file is not JSON, or lacks what is read.</exception>
    public static T Read<T>(string path, Func<JsonMember, T> read)
    {
        if (!File.Exists(path))
            throw MissingFile.Of(path, $"There is no file '{path}'.");
        return Read(File.ReadAllBytes(path), path, "", default, read);
    }

    /// <summary>Reads something out of JSON.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="json">The JSON, in UTF-8.</param>
    /// <param name="path">The file that it is from.</param>
    /// <param name="place">Where in the file, as the beginning of a message; empty for the file itself.</param>
    /// <param name="options">How it is parsed; duplicate keys are refused in any case.</param>
    /// <param name="read">Reads it.</param>
    /// <exception cref="CheckpointFormatException">It is not JSON, or lacks what is read.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> json, string path, string place, JsonDocumentOptions options, Func<JsonMember, T> read)
    {
        options.AllowDuplicateProperties = false;
        using JsonDocument document = Parse(json, path, place, options);
        try
        {
            return read(new JsonMember(document.RootElement));
        }
        catch (Exception exception) when (IsAboutContent(exception))
        {
            throw new CheckpointFormatException(path, $"{place}{exception.Message.TrimEnd('.')}.", exception);
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> json, string path, string place, JsonDocumentOptions options)
    {
        try
        {
            return JsonDocument.Parse(json, options);
        }
        catch (JsonException exception)
        {
            throw new CheckpointFormatException(path, $"{place}not valid JSON: {exception.Message}", exception);
        }
    }

    // InvalidOperationException: text that is not Unicode. Arguments are what the reader made of the content.
    private static bool IsAboutContent(Exception exception) =>
        exception is JsonException or InvalidOperationException or FormatException or ArgumentException;
}
