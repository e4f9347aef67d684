using System.Text.Json;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

/// <summary>Small models that SentencePiece trained, and what it encodes and decodes with them.</summary>
internal static class SentencePieceFixture
{
    /// <summary>Bytes for unknown characters; an unknown token and spaces dropped; no space before a text; replacements; a space after
    /// a text, others around it dropped or not; unused pieces.</summary>
    public static readonly string[] Names = ["bytes", "trimming", "unprefixed", "replacing", "suffixed", "spaced", "unused"];

    public static TextTokenizer Load(string name) => TextTokenizer.Load(Path($"{name}.model"));

    public static Reference ReadReference(string name) =>
        JsonSerializer.Deserialize<Reference>(File.ReadAllText(Path($"{name}.json")), JsonSerializerOptions.Web)!;

    private static string Path(string file) => System.IO.Path.Combine(SharedFiles.Fixture("sentencepiece-bpe"), file);

    public sealed record Reference(int Beginning, int End, Case[] Encoded, Case[] Decoded);

    public sealed record Case(string Text, int[] Tokens);
}
