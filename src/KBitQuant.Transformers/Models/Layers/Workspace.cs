namespace KBitQuant.Transformers.Models.Layers;

/// <summary>The buffers of one pass of up to <see cref="CpuDecoder.TokensAtOnce"/> tokens through a model; made once for each cache.</summary>
internal sealed class Workspace
{
    private readonly ModelConfig _config;

    public Workspace(ModelConfig config)
    {
        _config = config;
        Rotary = new RotaryTable(config.Rotary);
        Resize(1);
    }

    public RotaryTable Rotary { get; }

    /// <summary>The residual stream, [tokens, hidden].</summary>
    public float[] Hidden { get; private set; } = [];

    /// <summary>A normalized copy of it.</summary>
    public float[] Normed { get; private set; } = [];

    /// <summary>What a sublayer adds to it.</summary>
    public float[] Delta { get; private set; } = [];

    /// <summary>Queries, keys and values; or all of them in the first where they are fused.</summary>
    public float[][] Projections { get; } = new float[3][];

    /// <summary>What the heads gather, [tokens, heads * head size].</summary>
    public float[] Attended { get; private set; } = [];

    /// <summary>The wide layer of the feed-forward network.</summary>
    public float[] Wide { get; private set; } = [];

    /// <summary>Its gate, where it has one.</summary>
    public float[] Gate { get; private set; } = [];

    private int Capacity => Hidden.Length / _config.HiddenSize;

    /// <summary>Makes room for so many tokens.</summary>
    public void Reserve(int tokens)
    {
        if (tokens > Capacity)
            Resize(Math.Clamp(2 * Capacity, tokens, CpuDecoder.TokensAtOnce));
    }

    private void Resize(int tokens)
    {
        int queries = _config.HeadCount * _config.HeadSize;
        int keys = _config.KeyValueHeadCount * _config.HeadSize;
        bool isFused = _config.Family.QkvLayout != QkvLayout.Separate;
        Hidden = new float[tokens * _config.HiddenSize];
        Normed = new float[tokens * _config.HiddenSize];
        Delta = new float[tokens * _config.HiddenSize];
        Projections[0] = new float[tokens * (isFused ? queries + (2 * keys) : queries)];
        Projections[1] = Projections[2] = [];
        if (!isFused)
            (Projections[1], Projections[2]) = (new float[tokens * keys], new float[tokens * keys]);
        Attended = new float[tokens * queries];
        Wide = new float[tokens * _config.IntermediateSize];
        Gate = new float[_config.Family.Names.Gate is null ? 0 : tokens * _config.IntermediateSize];
    }
}
