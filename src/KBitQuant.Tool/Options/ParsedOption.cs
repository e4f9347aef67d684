using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace KBitQuant.Tool.Options;

/// <summary>Makes options whose value is read from a word; a bad one is answered with what was given and what is allowed.</summary>
internal static class ParsedOption
{
    /// <summary>An option that has no value where it is not given.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it says.</param>
    /// <param name="helpName">What stands for the word, such as <c>NAME</c>.</param>
    /// <param name="parse">Reads a word; throws <see cref="ArgumentException"/> with what is allowed.</param>
    public static Option<T?> Of<T>(string name, string description, string helpName, Func<string, T> parse) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            try
            {
                return parse(result.Tokens[0].Value);
            }
            catch (ArgumentException exception)
            {
                result.AddError($"{name}: {ErrorLine.Of(exception)}");
                return default;
            }
        },
    };

    /// <summary>As the other, with a value where it is not given.</summary>
    public static Option<T> Of<T>(string name, string description, string helpName, Func<string, T> parse, T defaultValue)
    {
        Option<T> option = Of(name, description, helpName, parse)!;
        option.DefaultValueFactory = _ => defaultValue;
        return option;
    }

    /// <summary>An option that takes a list, such as <c>1,16,64</c>.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it says.</param>
    /// <param name="helpName">What stands for an item.</param>
    /// <param name="parse">Reads an item; throws <see cref="ArgumentException"/> with what is allowed.</param>
    /// <param name="defaults">The list where the option is not given.</param>
    public static Option<ItemList<T>> List<T>(string name, string description, string helpName, Func<string, T> parse, string defaults) =>
        Of(name, description, $"{helpName},...", text => ItemList<T>.Parse(text, parse), ItemList<T>.Parse(defaults, parse));

    /// <summary>An option that takes a number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static Option<T> Number<T>(string name, string description, T defaultValue, T min, T max)
        where T : struct, INumber<T>, IMinMaxValue<T> => Number(
            name, description, defaultValue, min, max,
            string.Create(CultureInfo.InvariantCulture, $"from {min} {(max == T.MaxValue ? "up" : string.Create(CultureInfo.InvariantCulture, $"to {max}"))}"));

    /// <summary>As the other, with words for the bounds.</summary>
    public static Option<T> Number<T>(string name, string description, T defaultValue, T min, T max, string bounds)
        where T : struct, INumber<T> => Of(
            name,
            description,
            "NUMBER",
            given => T.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out T value) && value >= min && value <= max
                ? value
                : throw new ArgumentException($"a number {bounds} is allowed; '{given}' was given."),
            defaultValue);

    /// <summary>An option that takes one of a few words.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it says.</param>
    /// <param name="words">What they stand for; the first for the type's default, which is the option's.</param>
    public static Option<T> Words<T>(string name, string description, params (string Word, T Value)[] words)
        where T : struct, Enum => Of(name, $"{description} [default: {words[0].Word}]", Alternatives(words), given => ValueOf(given, words));

    /// <summary>As the other, without a default: null where the option is not given.</summary>
    public static Option<T?> WordsOrNull<T>(string name, string description, params (string Word, T Value)[] words)
        where T : struct, Enum => Of<T?>(name, description, Alternatives(words), given => ValueOf(given, words));

    private static string Alternatives<T>((string Word, T Value)[] words) => string.Join('|', words.Select(word => word.Word));

    private static T ValueOf<T>(string given, (string Word, T Value)[] words) =>
        Array.FindIndex(words, word => word.Word == given) is >= 0 and int index
            ? words[index].Value
            : throw new ArgumentException($"{string.Join(", ", words.Select(word => word.Word))} are allowed; '{given}' was given.");
}
