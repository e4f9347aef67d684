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
        JsonMember weightMap = root.Find(WeightMapKey) ?? throw new JsonException($"'{WeightMapKey}' is missing (is this an index of shards?)");
        foreach (JsonMember entry in weightMap.Members())
        {
            string shard = entry.Text();
            if (!IsBareFileName(shard))
                throw new JsonException($"tensor '{entry.Key}' is said to be in '{shard}'; files of the same folder are allowed");
            shardOf.Add(entry.Key!, shard);
        }

        return shardOf;
    });

    // Both platforms' separators and the drive colon are refused everywhere, so that an index is good or bad on all of them.
    private static bool IsBareFileName(string name) =>
        name is not ("" or "." or "..") && name.AsSpan().IndexOfAny("/\\:\0") < 0;
}
