using System.Collections.Immutable;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Models;

/// <summary>Reads a <c>config.json</c>. Keys that do not change what is computed are passed over.</summary>
internal sealed class ModelConfigReader(JsonMember root)
{
    private const double DefaultTheta = 10000;
    private const string FullAttention = "full_attention";
    private const string SlidingAttention = "sliding_attention";
    private const string ThetaKey = "rope_theta";
    private const string FractionKey = "partial_rotary_factor";

    private readonly ModelFamily _family = ModelFamily.Get(root.Required("model_type").Text());

    public ModelConfig Read()
    {
        RefuseWhatIsNotComputed();
        int hidden = Positive("hidden_size", ModelLayout.MaxWidth);
        int heads = Positive("num_attention_heads");
        int headSize = PositiveOrNull("head_dim") ?? Quotient(hidden, heads);
        if ((long)heads * headSize > ModelLayout.MaxWidth)
            throw new FormatException($"num_attention_heads times head_dim is {(long)heads * headSize}; 1 to {ModelLayout.MaxWidth} is allowed");
        return new()
        {
            Family = _family,
            VocabularySize = Positive("vocab_size"),
            HiddenSize = hidden,
            LayerCount = Positive("num_hidden_layers", ModelLayout.MaxLayers),
            HeadCount = heads,
            KeyValueHeadCount = ReadKeyValueHeads(heads),
            HeadSize = headSize,
            IntermediateSize = Positive("intermediate_size", ModelLayout.MaxWidth),
            MaxPositions = ReadMaxPositions(),
            NormEpsilon = ReadEpsilon(),
            Activation = Activation.Get(root.Required("hidden_act").Text()),
            Rotary = ReadRotary(headSize),
            IsParallel = Flag("use_parallel_residual") ?? _family.IsParallel,
            Biases = ReadBiases(),
            HasTiedEmbeddings = Flag("tie_word_embeddings") ?? false,
            EndTokens = ReadEndTokens(),
        };
    }

    /// <summary>Refuses what would silently change the logits.</summary>
    private void RefuseWhatIsNotComputed()
    {
        if (root.Find("quantization_config") is { } quantization)
        {
            string method = quantization.Find("quant_method")?.Text() ?? "a method without a name";
            throw new NotSupportedException($"The weights are quantized by {method} (quantization_config), which is not read; 16 or 32 bits are.");
        }

        if (Flag("is_causal") is false)
            throw new NotSupportedException("Attention to later tokens (is_causal false) cannot be computed.");
    }

    private int ReadKeyValueHeads(int heads)
    {
        int keyValueHeads = PositiveOrNull("num_key_value_heads") ?? heads;
        _ = Quotient(heads, keyValueHeads);
        if (_family.QkvLayout == QkvLayout.FusedPerHead && keyValueHeads != heads)
        {
            throw new FormatException(
                $"{_family} models have as many key and value heads as query heads; {keyValueHeads} and {heads} were given.");
        }

        return keyValueHeads;
    }

    /// <summary>Attention that is limited to a window is not known; within the window it is attention as ever.</summary>
    private int ReadMaxPositions()
    {
        int positions = Positive("max_position_embeddings");
        return HasLimitedAttention() && PositiveOrNull("sliding_window") is { } window ? Math.Min(window, positions) : positions;
    }

    /// <summary>Whether some layer's attention is limited to the window, where there is one.</summary>
    private bool HasLimitedAttention()
    {
        if (root.Find("layer_types") is not { } types)
            return _family.IsAlwaysLimited || Flag("use_sliding_window") is true;
        string[] names = [.. types.Items().Select(type => type.Text())];
        string? unknown = names.FirstOrDefault(name => name is not (FullAttention or SlidingAttention));
        return unknown is null
            ? _family.IsAlwaysLimited || names.Contains(SlidingAttention)
            : throw new NotSupportedException($"Layers of type '{unknown}' cannot be computed; {FullAttention} and {SlidingAttention} can.");
    }

    private float ReadEpsilon()
    {
        string key = _family.Norm == NormKind.LayerNorm ? "layer_norm_eps" : "rms_norm_eps";
        return root.Find(key) is { } value ? (float)InRange(value, 0, 1) : _family.NormEpsilon;
    }

    private LinearBiases ReadBiases()
    {
        LinearBiases biases = _family.Biases;
        if (!_family.HasBiasKeys)
            return biases;
        if (Flag("attention_bias") is { } hasAttentionBias)
            biases = (biases & ~LinearBiases.Attention) | (hasAttentionBias ? LinearBiases.Attention : 0);
        if (Flag("mlp_bias") is { } hasFeedForwardBias)
            biases = (biases & ~LinearBiases.FeedForward) | (hasFeedForwardBias ? LinearBiases.FeedForward : 0);
        return biases;
    }

    private ImmutableArray<int> ReadEndTokens() => root.Find("eos_token_id") switch
    {
        null => [],
        { IsArray: true } list => [.. list.Items().Select(item => item.Integer())],
        { } single => [single.Integer()],
    };

    /// <summary>New files have everything in <c>rope_parameters</c>; old ones have base and fraction beside it, under names that
    /// differ between families, and scaling in <c>rope_scaling</c>.</summary>
    private RotaryConfig ReadRotary(int headSize)
    {
        JsonMember? scaling = root.Find("rope_parameters") ?? root.Find("rope_scaling");
        double theta = FindRotary(scaling, ThetaKey, "rotary_emb_base") is { } given ? Above(given, 0) : DefaultTheta;
        double fraction = FindRotary(scaling, FractionKey, "rotary_pct") is { } part ? InRange(part, 0, 1) : _family.RotaryFraction;
        if (_family.RotaryFraction == 1 && fraction != 1)
            throw new FormatException(FormattableString.Invariant($"{_family} models rotate whole heads; {FractionKey} {fraction} was given."));
        int dimensions = (int)(headSize * fraction);
        if (dimensions < 2 || dimensions % 2 != 0)
        {
            throw new FormatException(FormattableString.Invariant(
                $"an even number of a head's elements is rotated, 2 or more; {fraction} of {headSize} was given."));
        }

        return new(theta, dimensions, scaling is { } element ? ReadScaling(element) : null);
    }

    private static RotaryScaling? ReadScaling(JsonMember scaling)
    {
        string? type = (scaling.Find("rope_type") ?? scaling.Find("type"))?.Text();
        IEnumerable<string?> keys = scaling.Members().Select(member => member.Key);
        if (type is null && keys.FirstOrDefault(key => key is not (ThetaKey or FractionKey)) is { } unknown)
            throw new NotSupportedException($"'{unknown}' of a rotary embedding without rope_type is not known; {ThetaKey} and {FractionKey} are.");
        if (type is null or "default")
            return null;
        if (type != "llama3")
            throw new NotSupportedException($"Rotary embeddings of type '{type}' cannot be computed; default and llama3 can.");
        double low = Above(scaling.Required("low_freq_factor"), 0);
        double high = Above(scaling.Required("high_freq_factor"), low);
        int context = ToPositive(scaling.Required("original_max_position_embeddings"), ModelLayout.MaxDimension);
        JsonMember factor = scaling.Required("factor");
        factor.Require(factor.Number() is >= 1 and <= double.MaxValue, "a number from 1 on");
        return new(factor.Number(), low, high, context);
    }

    private JsonMember? FindRotary(JsonMember? section, string key, string oldKey) => section?.Find(key) ?? root.Find(key) ?? root.Find(oldKey);

    private bool? Flag(string key) => root.Find(key)?.Flag();

    private int Positive(string key, int max = ModelLayout.MaxDimension) => ToPositive(root.Required(key), max);

    private int? PositiveOrNull(string key, int max = ModelLayout.MaxDimension) =>
        root.Find(key) is { } value ? ToPositive(value, max) : null;

    private static int ToPositive(JsonMember member, int max)
    {
        int value = member.Integer();
        member.Require(value >= 1 && value <= max, $"1 to {max}");
        return value;
    }

    private static double InRange(JsonMember member, double min, double max)
    {
        double value = member.Number();
        member.Require(value >= min && value <= max, FormattableString.Invariant($"{min} to {max}"));
        return value;
    }

    private static double Above(JsonMember member, double limit)
    {
        double value = member.Number();
        member.Require(value > limit && double.IsFinite(value), FormattableString.Invariant($"a number above {limit}"));
        return value;
    }

    private static int Quotient(int dividend, int divisor) => dividend % divisor == 0
        ? dividend / divisor
        : throw new FormatException($"{dividend} (hidden_size or num_attention_heads) is not divisible by {divisor} heads.");
}
