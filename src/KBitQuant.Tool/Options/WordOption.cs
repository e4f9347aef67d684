using System.CommandLine;

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
            HelpName = string.Join('|', words.Select(word => word.Word)),
            CustomParser = result =>
            {
                string given = result.Tokens[0].Value;
                foreach ((string word, T value) in words)
                {
                    if (word == given)
                        return value;
                }

                result.AddError($"{name} takes {string.Join(" or ", words.Select(word => word.Word))}; '{given}' was given.");
                return default;
            },
        };
}
