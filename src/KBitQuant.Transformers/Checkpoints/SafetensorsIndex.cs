using System.Text.Json;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>The index of a sharded checkpoint, JSON: <c>{"weight_map": {"tensor": "shard file", ...}, ...}</c>.</summary>
internal static class SafetensorsIndex
{
    private const string WeightMapKey = "weight_map";

    /// <summary>Reads each tensor's shard: a bare file name.</summary>
    /// <exception cref="CheckpointFormatException">The index is not valid, or a shard is not a file name.</exception>
    public static Dictionary<string, string> Read(string path) => JsonFile.Read(path, root =>
    {
        Dictionary<string, string> shardOf = new(StringComparer.Ordinal);
        if (!root.TryGetProperty(WeightMapKey, out JsonElement weightMap))
            throw new JsonException($"'{WeightMapKey}' is missing (is this an index of shards?)");
        foreach (JsonProperty entry in weightMap.EnumerateObject())
        {
            string shard = entry.Value.GetString() ?? "";
            if (!IsBareFileName(shard))
                throw new JsonException($"tensor '{entry.Name}' is said to be in '{shard}'; files of the same folder are allowed");
            shardOf.Add(entry.Name, shard);
        }

        return shardOf;
    });

    // Both platforms' separators and the drive colon are refused everywhere, so that an index is good or bad on all of them.
    private static bool IsBareFileName(string name) =>
        name is not ("" or "." or "..") && name.AsSpan().IndexOfAny("/\\:\0") < 0;
}
