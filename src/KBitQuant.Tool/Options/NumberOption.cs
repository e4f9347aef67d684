using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace KBitQuant.Tool.Options;

/// <summary>Makes options that take a number within bounds.</summary>
internal static class NumberOption
{
    /// <summary>An option whose value is from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static Option<T> Between<T>(string name, string description, T defaultValue, T min, T max)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            DefaultValueFactory = _ => defaultValue,
            CustomParser = result =>
            {
                string given = result.Tokens[0].Value;
                if (T.TryParse(given, CultureInfo.InvariantCulture, out T value) && value >= min && value <= max)
                    return value;
                string most = max == MaxOf<T>() ? "up" : string.Create(CultureInfo.InvariantCulture, $"to {max}");
                result.AddError(string.Create(
                    CultureInfo.InvariantCulture, $"{name} takes a number from {min} {most}; '{given}' was given."));
                return defaultValue;
            },
        };

    private static T MaxOf<T>()
        where T : struct, INumber<T> => T.CreateSaturating(double.PositiveInfinity);
}
