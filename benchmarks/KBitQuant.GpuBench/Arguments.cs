namespace KBitQuant.GpuBench;

/// <summary>What the command line says.</summary>
internal sealed class Arguments(string[] words)
{
    public bool Has(string name) => words.Contains(name);

    /// <summary>The word after a name.</summary>
    public string Text(string name, string fallback) => Array.IndexOf(words, name) is >= 0 and int at ? words[at + 1] : fallback;

    public int Number(string name, int fallback) => Has(name) ? int.Parse(Text(name, "")) : fallback;

    public string[] List(string name, string fallback) => Text(name, fallback).Split(',');

    public int[] Numbers(string name, string fallback) => [.. List(name, fallback).Select(int.Parse)];

    /// <summary>Shapes such as 11008x4096.</summary>
    public (int Rows, int Columns)[] Shapes(string name, string fallback) =>
        [.. List(name, fallback).Select(shape => shape.Split('x')).Select(sides => (int.Parse(sides[0]), int.Parse(sides[1])))];
}
