using KBitQuant.Transformers.Models.Layers;

namespace KBitQuant.Transformers.Models;

/// <summary>
/// The keys and values of one sequence, so that its tokens need not be computed again, and the buffers to compute more.
/// Made by <see cref="TransformerModel.CreateCache"/>; used by one thread at a time.
/// </summary>
public sealed class KeyValueCache
{
    internal KeyValueCache(ModelConfig config, int capacity)
    {
        Config = config;
        Capacity = capacity;
        Workspace = new Workspace(config);
        int length = checked(config.KeyValueHeadCount * config.HeadSize * capacity);
        Keys = new float[config.LayerCount][];
        Values = new float[config.LayerCount][];
        for (int layer = 0; layer < config.LayerCount; layer++)
            (Keys[layer], Values[layer]) = (new float[length], new float[length]);
    }

    /// <summary>The tokens that it can hold.</summary>
    public int Capacity { get; }

    /// <summary>The tokens that it holds: the position of the next one.</summary>
    public int Length { get; internal set; }

    internal ModelConfig Config { get; }

    internal Workspace Workspace { get; }

    /// <summary>Of each layer: [heads, capacity, head size], so that a head's scores are queries times keys transposed.</summary>
    internal float[][] Keys { get; }

    /// <summary>Of each layer: [heads, head size, capacity], so that a head's output is weights times values
    /// transposed.</summary>
    internal float[][] Values { get; }

    /// <summary>Forgets every token; the next one is the first of a sequence.</summary>
    public void Clear() => Length = 0;
}
