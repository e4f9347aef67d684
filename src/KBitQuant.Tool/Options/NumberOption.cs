using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace KBitQuant.Tool.Options;

/// <summary>Makes options that take a number within bounds.</summary>
internal static class NumberOption
{
    /// <summary>An option whose value is from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static Option<T> Between<T>(string name, string description, T defaultValue, T min, T max)
        where T : struct, INumber<T>, IMinMaxValue<T> => Between(
            name, description, defaultValue, min, max,
            string.Create(CultureInfo.InvariantCulture, $"from {min} {(max == T.MaxValue ? "up" : string.Create(CultureInfo.InvariantCulture, $"to {max}"))}"));

    /// <summary>As the other, with words for the bounds.</summary>
    public static Option<T> Between<T>(string name, string description, T defaultValue, T min, T max, string bounds)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            DefaultValueFactory = _ => defaultValue,
            CustomParser = result =>
            {
                string given = result.Tokens[0].Value;
                if (T.TryParse(given, CultureInfo.InvariantCulture, out T value) && value >= min && value <= max)
                    return value;
                result.AddError($"{name} takes a number {bounds}; '{given}' was given.");
                return defaultValue;
            },
        };
}
