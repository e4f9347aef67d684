using System.Text.Json;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>Reads JSON files of others: strictly, and with failures that name the file.</summary>
internal static class JsonFile
{
    /// <summary>Reads something out of a JSON document; duplicate keys are refused.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="read">Reads it; may use JsonElement's throwing getters, and <see cref="Required"/> rather than GetProperty, which
    /// does not name the key: their exceptions become the one below.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointFormatException">The file is not JSON, or lacks what is read.</exception>
    public static T Read<T>(string path, Func<JsonElement, T> read)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}'.", path);
        byte[] bytes = File.ReadAllBytes(path);
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return read(document.RootElement);
        }
        catch (Exception exception) when (IsAboutContent(exception))
        {
            throw new CheckpointFormatException(path, $"the JSON is not valid: {exception.Message}", exception);
        }
    }

    /// <summary>A value that must be there.</summary>
    /// <exception cref="JsonException">It is not; the message names the key.</exception>
    public static JsonElement Required(this JsonElement json, string key) =>
        json.ValueKind != JsonValueKind.Object ? throw new JsonException($"'{key}' is looked for in a {json.ValueKind}; it belongs in an Object")
        : json.TryGetProperty(key, out JsonElement value) ? value
        : throw new JsonException($"'{key}' is missing");

    /// <summary>Whether an exception is about what a JSON document holds.</summary>
    // JsonElement's getters: a value of another kind, or text that is not Unicode; a number out of range.
    // Arguments are what the reader made of the content.
    public static bool IsAboutContent(Exception exception) =>
        exception is JsonException or InvalidOperationException or FormatException or ArgumentException;
}
