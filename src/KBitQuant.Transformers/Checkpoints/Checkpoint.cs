using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KBitQuant.Quantization;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>
/// The tensors of a model: a Hugging Face folder (<c>model.safetensors</c>, or shards with
/// <c>model.safetensors.index.json</c>) or a single safetensors file. One surface over all shards.
/// </summary>
public sealed class Checkpoint : IWeightSource
{
    internal const string SingleFileName = "model.safetensors";
    private const string IndexFileName = "model.safetensors.index.json";

    private readonly List<SafetensorsFile> _shards = [];
    private readonly Dictionary<string, SafetensorsFile> _shardOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, QuantizedTensorInfo> _quantized = new(StringComparer.Ordinal);

    private Checkpoint(string path) => Path = path;

    /// <summary>The folder or file that was opened.</summary>
    public string Path { get; }

    /// <summary>The folder in which its files lie, and what else belongs to a model: <c>config.json</c>, a tokenizer.</summary>
    public string Folder => Directory.Exists(Path) ? Path : System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;

    /// <summary>The safetensors files; a single one where there are no shards.</summary>
    public IReadOnlyList<SafetensorsFile> Shards => _shards;

    /// <summary>The names of all tensors; for quantized weights those of their parts.</summary>
    public IReadOnlyCollection<string> Names => _shardOf.Keys;

    /// <summary>The weights stored in the project's quantized layout, by their names in the unquantized checkpoint.</summary>
    public IReadOnlyDictionary<string, QuantizedTensorInfo> Quantized => _quantized;

    /// <summary>Every bit of all tensors, quantized or not.</summary>
    public BitLedger Bits
    {
        get
        {
            HashSet<string> parts = [.. _quantized.Values.SelectMany(info => info.PartNames)];
            IEnumerable<BitLedger> plain = _shards.SelectMany(shard => shard.Tensors)
                .Where(tensor => !parts.Contains(tensor.Name))
                .Select(tensor => BitLedger.ForUnquantized(tensor.ElementCount, tensor.DType.Bits));
            return plain.Concat(_quantized.Values.Select(info => info.Bits)).Aggregate(default(BitLedger), (sum, bits) => sum + bits);
        }
    }

    /// <summary>Opens a checkpoint and checks its index and headers.</summary>
    /// <param name="path">A folder with <c>model.safetensors</c> or <c>model.safetensors.index.json</c>, or either file.</param>
    /// <exception cref="FileNotFoundException">There is no such folder or file, or a shard is missing.</exception>
    /// <exception cref="CheckpointFormatException">
    /// A file is not valid; the index names a shard outside its folder or a tensor that its shard lacks; a tensor is in two shards.
    /// </exception>
    public static Checkpoint Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Checkpoint checkpoint = new(path);
        try
        {
            string file = FindFile(path);
            if (file.EndsWith(".json", StringComparison.Ordinal))
                checkpoint.OpenShards(file);
            else
                checkpoint.AddShard(file);
            checkpoint.CheckQuantized();
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Finds a tensor by name.</summary>
    /// <param name="name">The name, case-sensitive.</param>
    /// <param name="tensor">The tensor found.</param>
    /// <returns>Whether the checkpoint has it.</returns>
    public bool TryGet(string name, [NotNullWhen(true)] out SafetensorsTensor? tensor)
    {
        tensor = null;
        return _shardOf.TryGetValue(name, out SafetensorsFile? shard) && shard.TryGet(name, out tensor);
    }

    /// <inheritdoc/>
    public bool TryGetShape(string name, out ImmutableArray<long> shape)
    {
        if (_quantized.TryGetValue(name, out QuantizedTensorInfo? info))
        {
            shape = [info.Rows, info.Columns];
            return true;
        }

        bool isFound = TryGet(name, out SafetensorsTensor? tensor);
        shape = tensor?.Shape ?? [];
        return isFound;
    }

    /// <summary>Reads a weight that is stored in the quantized layout.</summary>
    /// <param name="name">The weight's name in the unquantized checkpoint, case-sensitive.</param>
    /// <param name="tensor">A copy in memory of the weight found.</param>
    /// <returns>Whether the checkpoint has this weight in quantized form.</returns>
    /// <exception cref="CheckpointFormatException">A code lies beyond the table, or a nested constant is not finite.</exception>
    /// <exception cref="ObjectDisposedException">The checkpoint is disposed of.</exception>
    public bool TryReadQuantized(string name, [NotNullWhen(true)] out QuantizedTensor? tensor)
    {
        tensor = null;
        if (!_quantized.TryGetValue(name, out QuantizedTensorInfo? info))
            return false;
        tensor = QuantizedTensorReader.Read(ShardOf(info.Parts.Codes.Name), info);
        return true;
    }

    /// <summary>The file that holds a tensor, and gives its bytes and elements.</summary>
    /// <param name="name">The tensor.</param>
    /// <exception cref="KeyNotFoundException">The checkpoint has no such tensor.</exception>
    public SafetensorsFile ShardOf(string name) => _shardOf.TryGetValue(name, out SafetensorsFile? shard)
        ? shard
        : throw new KeyNotFoundException($"{Path} has no tensor '{name}'; it has {Names.Count} others.");

    /// <inheritdoc cref="SafetensorsFile.ReadSingle(string)"/>
    public float[] ReadSingle(string name) => ShardOf(name).ReadSingle(name);

    /// <summary>Unmaps every shard; spans into them are invalid from here on.</summary>
    public void Dispose()
    {
        foreach (SafetensorsFile shard in _shards)
            shard.Dispose();
    }

    private static string FindFile(string path)
    {
        if (!Directory.Exists(path))
            return path;
        string[] candidates = [System.IO.Path.Combine(path, SingleFileName), System.IO.Path.Combine(path, IndexFileName)];
        return candidates.FirstOrDefault(File.Exists) ?? throw MissingFile.Of(
            candidates[0], $"The folder '{path}' holds neither {SingleFileName} nor {IndexFileName}; other checkpoint formats are not read.");
    }

    private void OpenShards(string indexPath)
    {
        Dictionary<string, string> index = SafetensorsIndex.Read(indexPath);
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(indexPath))!;
        Dictionary<string, SafetensorsFile> byName = new(StringComparer.Ordinal);
        foreach (string shard in index.Values.Distinct().Order(StringComparer.Ordinal))
            byName.Add(shard, AddShard(System.IO.Path.Combine(folder, shard)));
        foreach ((string tensor, string shard) in index)
        {
            if (!byName[shard].TryGet(tensor, out _))
                throw new CheckpointFormatException(indexPath, $"tensor '{tensor}' is said to be in '{shard}', which lacks it.");
        }
    }

    private SafetensorsFile AddShard(string path)
    {
        SafetensorsFile shard = SafetensorsFile.Open(path);
        _shards.Add(shard);
        foreach (SafetensorsTensor tensor in shard.Tensors)
        {
            if (!_shardOf.TryAdd(tensor.Name, shard))
            {
                throw new CheckpointFormatException(
                    path, $"tensor '{tensor.Name}' is in {_shardOf[tensor.Name].Path} too; once is allowed.");
            }
        }

        foreach (QuantizedTensorInfo info in QuantizedTensorReader.Describe(shard))
            _quantized.Add(info.Name, info);
        return shard;
    }

    /// <summary>A shard's reader sees that shard alone: a plain tensor in another one must not have a quantized weight's name.</summary>
    private void CheckQuantized()
    {
        foreach (string name in _quantized.Keys)
        {
            if (_shardOf.TryGetValue(name, out SafetensorsFile? shard))
                throw new CheckpointFormatException(shard.Path, $"tensor '{name}' is here as it is and elsewhere quantized; once is allowed.");
        }
    }
}
