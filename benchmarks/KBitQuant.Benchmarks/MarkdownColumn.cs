namespace KBitQuant.Benchmarks;

/// <summary>A column of a table; numbers are aligned right.</summary>
internal sealed record MarkdownColumn(string Title, bool IsNumber = true);
