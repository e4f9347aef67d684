using KBitQuant.Quantization;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>Saves quantized models: a folder in the quantized layout (QUANTIZED_LAYOUT.md) that loads like its source.</summary>
public static class QuantizedModelFolder
{
    /// <summary>What makes a folder of tensors a model: copied as they are where the source has them.</summary>
    private static readonly string[] Companions =
    [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json",
        "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
    ];

    /// <summary>
    /// Saves a checkpoint with some of its weights quantized. Other tensors keep their bytes; configuration and tokenizer are
    /// copied. All is written into a folder beside the target, renamed in the end: upon failure or cancellation nothing is left.
    /// </summary>
    /// <param name="source">The unquantized checkpoint.</param>
    /// <param name="quantized">The quantized weights by their names in the source.</param>
    /// <param name="folder">The folder to make; it may exist if it is empty.</param>
    /// <param name="progress">Receives the part done, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops between tensors, and within those that are copied.</param>
    /// <exception cref="ArgumentException">
    /// The source is quantized already; it lacks a weight, or has it in another shape; the folder has no name.
    /// </exception>
    /// <exception cref="IOException">The folder is not empty, is a file, or cannot be written.</exception>
    /// <exception cref="ObjectDisposedException">The source is disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static void Save(
        Checkpoint source,
        IReadOnlyDictionary<string, QuantizedTensor> quantized,
        string folder,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(quantized);
        string target = FullPath(folder);
        CheckFits(source, quantized);
        ThrowIfTaken(target, folder);
        string temporary = $"{target}.{Path.GetRandomFileName()}.tmp";
        try
        {
            Make(temporary, folder);
            SafetensorsWriter.Write(
                Path.Combine(temporary, Checkpoint.SingleFileName),
                Entries(source, quantized, cancellationToken),
                Metadata(source, quantized),
                progress,
                cancellationToken);
            CopyCompanions(source, temporary);
            cancellationToken.ThrowIfCancellationRequested();
            if (Directory.Exists(target))
                Directory.Delete(target);
            Directory.Move(temporary, target);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Fails early where <see cref="Save"/> would fail after all the work of quantizing.</summary>
    /// <param name="folder">The folder to be made.</param>
    /// <exception cref="ArgumentException">It has no name.</exception>
    /// <exception cref="IOException">The folder is not empty, or is a file.</exception>
    public static void ThrowIfTaken(string folder) => ThrowIfTaken(FullPath(folder), folder);

    private static string FullPath(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (folder.Length == 0)
            throw new ArgumentException("The folder to make has a name; '' was given.", nameof(folder));
        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
    }

    private static void ThrowIfTaken(string target, string given)
    {
        if (File.Exists(target))
            throw new IOException($"'{given}' is a file; a folder that does not exist yet, or is empty, is needed.");
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            throw new IOException($"The folder '{given}' is not empty; a new or empty one is needed.");
    }

    private static void Make(string temporary, string given)
    {
        try
        {
            Directory.CreateDirectory(temporary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The folder '{given}' cannot be made: nothing can be written in '{Path.GetDirectoryName(temporary)}'.", exception);
        }
    }

    private static void CheckFits(Checkpoint source, IReadOnlyDictionary<string, QuantizedTensor> quantized)
    {
        if (source.Quantized.Count > 0)
        {
            throw new ArgumentException(
                $"{source.Path} is quantized already ({source.Quantized.Values.First()}); an unquantized checkpoint is needed.",
                nameof(source));
        }

        foreach ((string name, QuantizedTensor tensor) in quantized)
        {
            if (!source.TryGet(name, out SafetensorsTensor? original))
                throw new ArgumentException($"{source.Path} has no tensor '{name}' for {tensor} to stand for.", nameof(quantized));
            if (!original.Shape.SequenceEqual([tensor.Rows, tensor.Columns]))
                throw new ArgumentException($"{source.Path} has tensor {original}; {tensor} has another shape.", nameof(quantized));
        }
    }

    private static IEnumerable<SafetensorsEntry> Entries(
        Checkpoint source, IReadOnlyDictionary<string, QuantizedTensor> quantized, CancellationToken cancellationToken)
    {
        IEnumerable<SafetensorsTensor> tensors = source.Shards.SelectMany(shard => shard.Tensors);
        foreach (SafetensorsTensor tensor in tensors.Where(tensor => !quantized.ContainsKey(tensor.Name)))
        {
            yield return new SafetensorsEntry(
                tensor.Name, tensor.DType, tensor.Shape, stream => source.ShardOf(tensor.Name).CopyTo(tensor.Name, stream, cancellationToken));
        }

        foreach ((string name, QuantizedTensor tensor) in quantized)
        {
            foreach (SafetensorsEntry entry in QuantizedTensorLayout.Entries(name, tensor))
                yield return entry;
        }
    }

    /// <summary>The source's own metadata (of its first shard) and the layout's, which a source without quantized weights may have too.</summary>
    private static Dictionary<string, string> Metadata(Checkpoint source, IReadOnlyDictionary<string, QuantizedTensor> quantized)
    {
        var metadata = new Dictionary<string, string>(source.Shards[0].Metadata, StringComparer.Ordinal);
        foreach ((string key, string value) in QuantizedTensorLayout.Metadata(quantized))
            metadata[key] = value;
        return metadata;
    }

    private static void CopyCompanions(Checkpoint source, string destination)
    {
        string folder = source.Folder;
        foreach (string name in Companions)
        {
            string from = Path.Combine(folder, name);
            if (File.Exists(from))
                File.WriteAllBytes(Path.Combine(destination, name), File.ReadAllBytes(from));
        }
    }
}
