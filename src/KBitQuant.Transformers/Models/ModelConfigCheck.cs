using System.Globalization;

namespace KBitQuant.Transformers.Models;

/// <summary>Refuses configurations that no model can have: those of files are read with the same bounds, but anyone may make one, and layers
/// and kernels take their sizes as they are.</summary>
internal static class ModelConfigCheck
{
    /// <summary>Checks every number, and what numbers have to do with each other.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message says which, and what is allowed.</exception>
    public static void ThrowIfImpossible(ModelConfig config)
    {
        CheckSizes(config);
        CheckHeads(config);
        CheckRotary(config.Rotary, config.HeadSize);
        InRange(nameof(config.NormEpsilon), config.NormEpsilon, 0, 1);
        int projections = config.Family.QkvLayout == QkvLayout.Separate ? 3 : 1;
        Require(
            config.Family.Names.Qkv.Count == projections,
            $"{config.Family} models have {projections} names for queries, keys and values; {config.Family.Names.Qkv.Count} were given.");
        Require(!config.EndTokens.IsDefault, $"{nameof(config.EndTokens)} may be empty, but not left out.");
    }

    private static void CheckSizes(ModelConfig config)
    {
        InRange(nameof(config.VocabularySize), config.VocabularySize, 1, ModelLayout.MaxDimension);
        InRange(nameof(config.HiddenSize), config.HiddenSize, 1, ModelLayout.MaxWidth);
        InRange(nameof(config.LayerCount), config.LayerCount, 1, ModelLayout.MaxLayers);
        InRange(nameof(config.IntermediateSize), config.IntermediateSize, 1, ModelLayout.MaxWidth);
        InRange(nameof(config.MaxPositions), config.MaxPositions, 1, int.MaxValue);
    }

    private static void CheckHeads(ModelConfig config)
    {
        (int heads, int keyValueHeads) = (config.HeadCount, config.KeyValueHeadCount);
        InRange(nameof(config.HeadCount), heads, 1, ModelLayout.MaxWidth);
        InRange(nameof(config.HeadSize), config.HeadSize, 1, ModelLayout.MaxWidth);
        InRange("HeadCount times HeadSize", (double)heads * config.HeadSize, 1, ModelLayout.MaxWidth);
        InRange(nameof(config.KeyValueHeadCount), keyValueHeads, 1, heads);
        Require(heads % keyValueHeads == 0, $"Key and value heads are shared by equally many query heads; {keyValueHeads} by {heads} were given.");
        Require(
            config.Family.QkvLayout == QkvLayout.Separate || keyValueHeads == heads,
            $"{config.Family} models have as many key and value heads as query heads; {keyValueHeads} and {heads} were given.");
    }

    private static void CheckRotary(RotaryConfig rotary, int headSize)
    {
        InRange("Rotary.Theta", rotary.Theta, double.Epsilon, double.MaxValue);
        Require(
            rotary.Dimensions >= 2 && rotary.Dimensions <= headSize && rotary.Dimensions % 2 == 0,
            $"An even number of a head's {headSize} elements is rotated, 2 or more; {rotary.Dimensions} was given.");
        if (rotary.Scaling is not { } scaling)
            return;
        InRange("Rotary.Scaling.Factor", scaling.Factor, 1, double.MaxValue);
        InRange("Rotary.Scaling.LowFrequencyFactor", scaling.LowFrequencyFactor, double.Epsilon, double.MaxValue);
        InRange(
            "Rotary.Scaling.HighFrequencyFactor", scaling.HighFrequencyFactor, double.BitIncrement(scaling.LowFrequencyFactor), double.MaxValue);
        InRange("Rotary.Scaling.OriginalMaxPositions", scaling.OriginalMaxPositions, 1, int.MaxValue);
    }

    // So written, NaN is in no range.
    private static void InRange(string what, double value, double min, double max) =>
        Require(value >= min && value <= max, string.Create(CultureInfo.InvariantCulture, $"{what} is from {min} to {max}; {value} was given."));

    private static void Require(bool isSo, string message)
    {
        if (!isSo)
            throw new ArgumentException(message);
    }
}
