using System.Text;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// Merges the characters of a word by BPE: of all neighbours that may be merged those of the lowest rank are, the leftmost of
/// several, until there are none. Candidates lie in a queue, so n characters take a time of n log n. For one thread at a time.
/// </summary>
internal sealed class SymbolMerger(IMergeRules rules)
{
    private const int None = -1;

    private readonly PriorityQueue<Candidate, long> _candidates = new();
    private readonly List<MergedSymbol> _merged = [];
    private Symbol[] _symbols = [];
    private int _longest;

    /// <summary>Merges a word.</summary>
    /// <param name="word">The word.</param>
    /// <param name="longest">How many UTF-16 units a merged part has at most.</param>
    /// <returns>Its parts in order, good until the next word.</returns>
    public IReadOnlyList<MergedSymbol> Merge(ReadOnlySpan<char> word, int longest = int.MaxValue)
    {
        _longest = longest;
        int count = ReadCharacters(word);
        for (int right = 1; right < count; right++)
            Propose(word, right - 1, right);
        while (_candidates.TryDequeue(out Candidate candidate, out _))
        {
            if (IsCurrent(candidate))
                Apply(word, candidate);
        }

        _merged.Clear();
        for (int i = count > 0 ? 0 : None; i != None; i = _symbols[i].Next)
            _merged.Add(new(_symbols[i].Start, _symbols[i].Length, _symbols[i].Token));
        return _merged;
    }

    private int ReadCharacters(ReadOnlySpan<char> word)
    {
        if (_symbols.Length < word.Length)
            _symbols = new Symbol[Math.Max(word.Length, 2 * _symbols.Length)];
        int count = 0;
        for (int start = 0; start < word.Length; start += _symbols[count++].Length)
        {
            Rune.DecodeFromUtf16(word[start..], out _, out int length);
            int next = start + length < word.Length ? count + 1 : None;
            int token = rules.TokenOf(word.Slice(start, length));
            _symbols[count] = new() { Start = start, Length = length, Previous = count - 1, Next = next, Token = token };
        }

        return count;
    }

    private void Propose(ReadOnlySpan<char> word, int left, int right)
    {
        if (left == None || right == None)
            return;
        ref Symbol first = ref _symbols[left], second = ref _symbols[right];
        int length = first.Length + second.Length;
        if (length <= _longest && rules.TryMerge(word.Slice(first.Start, length), first.Token, second.Token, out int token, out int rank))
            _candidates.Enqueue(new(left, right, length, token), ((long)rank << 32) | (uint)left);
    }

    // A symbol that was merged into another has no length; others only grow, so that equal lengths are those of the same symbols.
    private bool IsCurrent(Candidate candidate)
    {
        int left = _symbols[candidate.Left].Length, right = _symbols[candidate.Right].Length;
        return left > 0 && right > 0 && left + right == candidate.Length;
    }

    private void Apply(ReadOnlySpan<char> word, Candidate candidate)
    {
        ref Symbol left = ref _symbols[candidate.Left], right = ref _symbols[candidate.Right];
        left.Length = candidate.Length;
        left.Token = candidate.Token;
        left.Next = right.Next;
        right.Length = 0;
        if (left.Next != None)
            _symbols[left.Next].Previous = candidate.Left;
        Propose(word, left.Previous, candidate.Left);
        Propose(word, candidate.Left, left.Next);
    }

    private struct Symbol
    {
        public int Start;
        public int Length;
        public int Previous;
        public int Next;
        public int Token;
    }

    private readonly record struct Candidate(int Left, int Right, int Length, int Token);
}
