namespace KBitQuant.Transformers.Tokenization;

/// <summary>The rules of a <c>tokenizer.json</c>: pairs of tokens are merged, those listed first before others.</summary>
internal sealed class RankMergeRules : IMergeRules
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _vocabulary;
    private readonly Dictionary<(int Left, int Right), (int Token, int Rank)> _merges = [];

    public RankMergeRules(Dictionary<string, int> vocabulary, IReadOnlyList<(string Left, string Right)> merges)
    {
        _vocabulary = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        // Of a pair that is listed twice the last place counts, as in Hugging Face's library.
        foreach ((int rank, (string left, string right)) in merges.Index())
            _merges[(vocabulary[left], vocabulary[right])] = (vocabulary[left + right], rank);
    }

    public int TokenOf(ReadOnlySpan<char> character) => _vocabulary.TryGetValue(character, out int token) ? token : IMergeRules.NoToken;

    public bool TryMerge(ReadOnlySpan<char> text, int left, int right, out int token, out int rank)
    {
        bool found = _merges.TryGetValue((left, right), out (int Token, int Rank) merge);
        (token, rank) = merge;
        return found;
    }
}
