using System.Collections.Immutable;
using System.Text.Json;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Models;

/// <summary>Reads a <c>config.json</c>. Keys that do not change what is computed are passed over.</summary>
internal sealed class ModelConfigReader(JsonElement root)
{
    private const double DefaultTheta = 10000;
    private const string FullAttention = "full_attention";
    private const string SlidingAttention = "sliding_attention";
    private const string ThetaKey = "rope_theta";
    private const string FractionKey = "partial_rotary_factor";

    private readonly ModelFamily _family = ModelFamily.Get(root.Required("model_type").GetString() ?? "null");

    public ModelConfig Read()
    {
        RefuseWhatIsNotComputed();
        int hidden = Positive("hidden_size", ModelLayout.MaxWidth);
        int heads = Positive("num_attention_heads");
        int headSize = PositiveOrNull("head_dim") ?? Quotient(hidden, heads);
        InRange("num_attention_heads times head_dim", (double)heads * headSize, 1, ModelLayout.MaxWidth);
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
            Activation = Activation.Get(root.Required("hidden_act").GetString() ?? "null"),
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
        if (Find(root, "quantization_config") is { } quantization)
        {
            string method = Find(quantization, "quant_method")?.GetString() ?? "a method without a name";
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
        if (Find(root, "layer_types") is not { } types)
            return _family.IsAlwaysLimited || Flag("use_sliding_window") is true;
        string[] names = [.. types.EnumerateArray().Select(type => type.GetString() ?? "null")];
        string? unknown = names.FirstOrDefault(name => name is not (FullAttention or SlidingAttention));
        return unknown is null
            ? _family.IsAlwaysLimited || names.Contains(SlidingAttention)
            : throw new NotSupportedException($"Layers of type '{unknown}' cannot be computed; {FullAttention} and {SlidingAttention} can.");
    }

    private float ReadEpsilon()
    {
        string key = _family.Norm == NormKind.LayerNorm ? "layer_norm_eps" : "rms_norm_eps";
        return Find(root, key) is { } value ? (float)InRange(key, value.GetDouble(), 0, 1) : _family.NormEpsilon;
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

    private ImmutableArray<int> ReadEndTokens() => Find(root, "eos_token_id") switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item => item.GetInt32())],
        { } single => [single.GetInt32()],
    };

    /// <summary>New files have everything in <c>rope_parameters</c>; old ones have base and fraction beside it, under names that
    /// differ between families, and scaling in <c>rope_scaling</c>.</summary>
    private RotaryConfig ReadRotary(int headSize)
    {
        JsonElement? scaling = Find(root, "rope_parameters") ?? Find(root, "rope_scaling");
        double theta = FirstNumber(scaling, ThetaKey, "rotary_emb_base") ?? DefaultTheta;
        double fraction = FirstNumber(scaling, FractionKey, "rotary_pct") ?? _family.RotaryFraction;
        InRange("the base of the rotary embedding", theta, double.Epsilon, double.MaxValue);
        if (_family.RotaryFraction == 1 && fraction != 1)
            throw new FormatException(FormattableString.Invariant($"{_family} models rotate whole heads; {FractionKey} {fraction} was given."));
        int dimensions = (int)(headSize * InRange("the rotated part of a head", fraction, 0, 1));
        if (dimensions < 2 || dimensions % 2 != 0)
        {
            throw new FormatException(FormattableString.Invariant(
                $"an even number of a head's elements is rotated, 2 or more; {fraction} of {headSize} was given."));
        }

        return new(theta, dimensions, scaling is { } element ? ReadScaling(element) : null);
    }

    private static RotaryScaling? ReadScaling(JsonElement scaling)
    {
        string? type = (Find(scaling, "rope_type") ?? Find(scaling, "type"))?.GetString();
        IEnumerable<string> keys = scaling.EnumerateObject().Select(key => key.Name);
        if (type is null && keys.FirstOrDefault(key => key is not (ThetaKey or FractionKey)) is { } unknown)
            throw new NotSupportedException($"'{unknown}' of a rotary embedding without rope_type is not known; {ThetaKey} and {FractionKey} are.");
        if (type is null or "default")
            return null;
        if (type != "llama3")
            throw new NotSupportedException($"Rotary embeddings of type '{type}' cannot be computed; default and llama3 can.");
        double Number(string key, double min) => InRange(key, scaling.Required(key).GetDouble(), min, double.MaxValue);
        double low = Number("low_freq_factor", double.Epsilon);
        double high = Number("high_freq_factor", double.BitIncrement(low));
        const string ContextKey = "original_max_position_embeddings";
        int context = ToPositive(ContextKey, scaling.Required(ContextKey), ModelLayout.MaxDimension);
        return new(Number("factor", 1), low, high, context);
    }

    private double? FirstNumber(JsonElement? section, string key, string oldKey)
    {
        JsonElement? value = (section is { } element ? Find(element, key) : null) ?? Find(root, key) ?? Find(root, oldKey);
        return value?.GetDouble();
    }

    private bool? Flag(string key) => Find(root, key)?.GetBoolean();

    private int Positive(string key, int max = ModelLayout.MaxDimension) =>
        PositiveOrNull(key, max) ?? throw new JsonException($"'{key}' is missing");

    private int? PositiveOrNull(string key, int max = ModelLayout.MaxDimension) =>
        Find(root, key) is { } value ? ToPositive(key, value, max) : null;

    private static int ToPositive(string key, JsonElement value, int max) => (int)InRange(key, value.GetInt32(), 1, max);

    private static double InRange(string what, double value, double min, double max) => value >= min && value <= max
        ? value
        : throw new FormatException(FormattableString.Invariant($"{what} is from {min} to {max}; {value} was given."));

    private static int Quotient(int dividend, int divisor) => dividend % divisor == 0
        ? dividend / divisor
        : throw new FormatException($"{dividend} (hidden_size or num_attention_heads) is not divisible by {divisor} heads.");

    /// <summary>The value of a key, or null where it is missing or null.</summary>
    private static JsonElement? Find(JsonElement element, string key) =>
        element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
