namespace KBitQuant.Tool.Options;

/// <summary>The items of a list that was given as text.</summary>
internal sealed record ItemList<T>(string Text, IReadOnlyList<T> Items)
{
    /// <summary>Reads items between commas.</summary>
    public static ItemList<T> Parse(string text, Func<string, T> parse) => new(text, [.. text.Split(',').Select(parse)]);

    /// <summary>As it was given.</summary>
    public override string ToString() => Text;
}
