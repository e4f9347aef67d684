using System.CommandLine;
using System.CommandLine.Parsing;

namespace KBitQuant.Tool.Options;

/// <summary>Makes options that take one of a few words.</summary>
internal static class WordOption
{
    /// <summary>An option whose value is what a word stands for.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it says.</param>
    /// <param name="words">The first stands for the type's default, and is the option's.</param>
    public static Option<T> Of<T>(string name, string description, params (string Word, T Value)[] words)
        where T : struct, Enum => new(name)
        {
            Description = $"{description} [default: {words[0].Word}]",
            HelpName = Choices(words),
            CustomParser = result => Parse(result, name, words).GetValueOrDefault(),
        };

    /// <summary>As the other; null where the option is not given.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it says, the default included.</param>
    /// <param name="words">What may be given.</param>
    public static Option<T?> OrNull<T>(string name, string description, params (string Word, T Value)[] words)
        where T : struct, Enum => new(name)
        {
            Description = description,
            HelpName = Choices(words),
            CustomParser = result => Parse(result, name, words),
        };

    private static string Choices<T>((string Word, T Value)[] words) => string.Join('|', words.Select(word => word.Word));

    private static T? Parse<T>(ArgumentResult result, string name, (string Word, T Value)[] words)
        where T : struct, Enum
    {
        string given = result.Tokens[0].Value;
        foreach ((string word, T value) in words)
        {
            if (word == given)
                return value;
        }

        result.AddError($"{name} takes {string.Join(" or ", words.Select(word => word.Word))}; '{given}' was given.");
        return null;
    }
}
