namespace KBitQuant.Transformers.Models.Layers;

/// <summary>A cache in the memory of the processor, and the buffers to compute more.</summary>
internal sealed class CpuKeyValueCache : KeyValueCache
{
    public CpuKeyValueCache(ModelConfig config, int capacity)
        : base(config, capacity)
    {
        Workspace = new Workspace(config);
        int length = checked(config.KeyValueHeadCount * config.HeadSize * capacity);
        Keys = new float[config.LayerCount][];
        Values = new float[config.LayerCount][];
        for (int layer = 0; layer < config.LayerCount; layer++)
            (Keys[layer], Values[layer]) = (new float[length], new float[length]);
    }

    public Workspace Workspace { get; }

    /// <summary>Of each layer: [heads, capacity, head size], so that a head's scores are queries times keys transposed.</summary>
    public float[][] Keys { get; }

    /// <summary>Of each layer: [heads, head size, capacity], so that a head's output is weights times values
    /// transposed.</summary>
    public float[][] Values { get; }
}
