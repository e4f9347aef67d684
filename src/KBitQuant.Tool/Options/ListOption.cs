using System.CommandLine;

namespace KBitQuant.Tool.Options;

/// <summary>Makes options that take a list, such as <c>1,16,64</c>.</summary>
internal static class ListOption
{
    /// <summary>An option whose value is a list.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it says.</param>
    /// <param name="helpName">Such as <c>M,...</c>.</param>
    /// <param name="defaults">The list where the option is not given; null for none.</param>
    /// <param name="parse">An item; throws <see cref="ArgumentException"/> with what is allowed.</param>
    public static Option<ItemList<T>?> Of<T>(string name, string description, string helpName, string? defaults, Func<string, T> parse)
    {
        Option<ItemList<T>?> option = new(name)
        {
            Description = description,
            HelpName = helpName,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result =>
            {
                try
                {
                    return ItemList<T>.Parse(result.Tokens[0].Value, parse);
                }
                catch (ArgumentException exception)
                {
                    result.AddError($"{name}: {ErrorLine.Of(exception)}");
                    return null;
                }
            },
        };
        if (defaults is not null)
            option.DefaultValueFactory = _ => ItemList<T>.Parse(defaults, parse);
        return option;
    }
}
