using System.Text;
using FsCheck;
using FsCheck.Xunit;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

public class SentencePieceBpeTokenizerTests
{
    private const string Alphabet = "ab\u2581";

    private static readonly TextTokenizer Bytes = SentencePieceFixture.Load("bytes"), Unprefixed = SentencePieceFixture.Load("unprefixed");

    public static TheoryData<string> Models => [.. SentencePieceFixture.Names];

    [Theory]
    [MemberData(nameof(Models))]
    public void SentencePiecesOwnTokensAndTextsAreReproduced(string name)
    {
        TextTokenizer tokenizer = SentencePieceFixture.Load(name);
        SentencePieceFixture.Reference reference = SentencePieceFixture.ReadReference(name);
        Assert.Equal((reference.Beginning, reference.End), (tokenizer.BeginningOfText ?? -1, tokenizer.EndOfText ?? -1));
        Assert.Equal(reference.Encoded.Select(entry => entry.Tokens), reference.Encoded.Select(entry => tokenizer.Encode(entry.Text)));
        Assert.Equal(reference.Decoded.Select(entry => entry.Text), reference.Decoded.Select(entry => tokenizer.Decode(entry.Tokens)));
        Assert.All(reference.Encoded, entry =>
        {
            for (int count = 0; count <= entry.Tokens.Length; count++)
                Assert.Equal(entry.Tokens[..count], tokenizer.Encode(entry.Text, count));
        });
    }

    [Property(MaxTest = 1000)]
    public void AnyTextComesBackWithItsSpaces(string? text)
    {
        string expected = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? "")).Replace('\u2581', ' ');
        Assert.Equal(expected, Bytes.Decode(Bytes.Encode(text ?? "")));
        Assert.Equal(expected, Unprefixed.Decode(Unprefixed.Encode(text ?? "")));
    }

    /// <summary>Of an alphabet of three with few scores there are many equal ones.</summary>
    [Property(MaxTest = 500)]
    public void MergesAreThoseOfTheDefinition(NonNull<byte[]> pieces, NonNull<byte[]> characters)
    {
        Dictionary<string, float> scores = Alphabet.ToDictionary(character => character.ToString(), _ => -9f);
        foreach (byte code in pieces.Get)
            scores[Spell(code)] = -(code % 4);
        string text = string.Concat(characters.Get.Select(code => Alphabet[code % Alphabet.Length]));
        SentencePieceWriter writer = new() { AddsDummyPrefix = false, RemovesExtraSpaces = false };
        writer.Add("<unk>", SentencePieceKind.Unknown);
        foreach ((string piece, float score) in scores)
            writer.Add(piece, SentencePieceKind.Normal, score);
        TextTokenizer tokenizer = writer.Load();

        string[] names = ["<unk>", .. scores.Keys];
        Assert.Equal(MergedOneByOne(text, scores), tokenizer.Encode(text).Select(token => names[token]));
    }

    /// <summary>Every fourth piece, single characters too, is unused.</summary>
    [Property(MaxTest = 500)]
    public void UnusedPiecesAreTakenApartAsTheyWereMerged(NonNull<byte[]> pieces, NonNull<byte[]> characters, byte first)
    {
        Dictionary<string, float> scores = Alphabet.ToDictionary(character => character.ToString(), _ => -9f);
        foreach (byte code in pieces.Get)
            scores[Spell(code)] = -(code % 4);
        string text = string.Concat(characters.Get.Select(code => Alphabet[code % Alphabet.Length]));
        string[] names = ["<unk>", .. scores.Keys];
        HashSet<string> unused = [.. names.Skip(1).Where((_, place) => (place + first) % 4 == 0)];
        SentencePieceWriter writer = new() { AddsDummyPrefix = false, RemovesExtraSpaces = false };
        writer.Add("<unk>", SentencePieceKind.Unknown);
        foreach ((string piece, float score) in scores)
            writer.Add(piece, unused.Contains(piece) ? SentencePieceKind.Unused : SentencePieceKind.Normal, score);
        TextTokenizer tokenizer = writer.Load();

        Dictionary<string, (string Left, string Right)> merges = [];
        IEnumerable<string> expected = MergedOneByOne(text, scores, merges).SelectMany(TakenApart);
        Assert.Equal(expected, tokenizer.Encode(text).Select(token => names[token]));
        Assert.Equal(text.Replace('\u2581', ' '), tokenizer.Decode(tokenizer.Encode(text)));
        Assert.All(names.Skip(1).Index(), piece => Assert.Equal(piece.Item.Replace('\u2581', ' '), tokenizer.Decode([piece.Index + 1])));

        IEnumerable<string> TakenApart(string piece) => unused.Contains(piece) && merges.TryGetValue(piece, out (string Left, string Right) pair)
            ? [.. TakenApart(pair.Left), .. TakenApart(pair.Right)]
            : [piece];
    }

    [Fact]
    public void NestedUnusedPiecesOfAnyLengthAreTakenApart()
    {
        SentencePieceWriter writer = new() { AddsDummyPrefix = false };
        writer.Add("<unk>", SentencePieceKind.Unknown);
        writer.Add("a", SentencePieceKind.Normal);
        writer.Add("b", SentencePieceKind.Unused);
        for (int length = 2; length <= 2000; length++)
            writer.Add($"b{new string('a', length - 1)}", SentencePieceKind.Unused);
        Assert.Equal([2, .. Enumerable.Repeat(1, 5000)], writer.Load().Encode($"b{new string('a', 5000)}"));
    }

    [Theory]
    [InlineData("=")]
    [InlineData(" ")]
    [InlineData("e=")]
    [InlineData("🎉")]
    public void LongRunsDoNotTakeTheSquareOfTheirLength(string unit)
    {
        // At 100 ns a comparison the square would take over an hour.
        string text = string.Concat(Enumerable.Repeat(unit, 200_000));
        Assert.Equal(text, Bytes.Decode(Bytes.Encode(text)));
    }

    [Fact]
    public void UnknownCharactersInARowAreOneToken()
    {
        SentencePieceWriter writer = new() { AddsDummyPrefix = false };
        writer.Add("<unk>", SentencePieceKind.Unknown);
        writer.Add("a", SentencePieceKind.Normal);
        writer.Add("<s>", SentencePieceKind.Control);
        writer.Add("xx", SentencePieceKind.UserDefined);
        TextTokenizer tokenizer = writer.Load();
        Assert.Equal([0, 1, 0, 3, 0], tokenizer.Encode("bbab<s>xxx"));
        Assert.Equal(" \u2047 a \u2047 xx \u2047 ", tokenizer.Decode([2, 0, 1, 0, 3, 2, 0]));
    }

    /// <summary>Two to four letters for a code.</summary>
    private static string Spell(byte code)
    {
        StringBuilder text = new();
        for (int rest = code, length = 2 + (code % 3); text.Length < length; rest /= Alphabet.Length)
            text.Append(Alphabet[rest % Alphabet.Length]);
        return text.ToString();
    }

    /// <param name="text">What is merged.</param>
    /// <param name="scores">The pieces.</param>
    /// <param name="merges">Receives what each piece was merged of.</param>
    private static List<string> MergedOneByOne(
        string text, Dictionary<string, float> scores, Dictionary<string, (string Left, string Right)>? merges = null)
    {
        List<string> symbols = [.. text.Select(character => character.ToString())];
        while (true)
        {
            int[] places = [.. Enumerable.Range(0, Math.Max(0, symbols.Count - 1)).Where(i => scores.ContainsKey(symbols[i] + symbols[i + 1]))];
            if (places.Length == 0)
                return symbols;
            // MaxBy gives the first of several, the leftmost.
            int best = places.MaxBy(i => scores[symbols[i] + symbols[i + 1]]);
            merges?[symbols[best] + symbols[best + 1]] = (symbols[best], symbols[best + 1]);
            symbols[best] += symbols[best + 1];
            symbols.RemoveAt(best + 1);
        }
    }
}
