using System.Buffers.Binary;
using System.Text;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// The replacements of a SentencePiece model's normalizer, as it stores them: the length of a trie in bytes, the trie, and the
/// replacements, each ended by a zero. The trie, over the UTF-8 of what is replaced, is a double array as Darts-clone has it.
/// </summary>
internal sealed class NormalizationRules
{
    private const int UnitSize = sizeof(uint);
    private const int MaxUtf8Length = 4;

    private readonly uint[] _trie;
    private readonly byte[] _replacements;

    /// <summary>Reads rules.</summary>
    /// <exception cref="FormatException">They are damaged; the message says in what.</exception>
    public NormalizationRules(ReadOnlySpan<byte> stored)
    {
        uint length = stored.Length >= UnitSize ? BinaryPrimitives.ReadUInt32LittleEndian(stored) : 0;
        if (length == 0 || length % UnitSize != 0 || length >= stored.Length - UnitSize)
        {
            throw new FormatException(
                $"the trie of the normalization rules has {length} bytes; "
                + $"a multiple of {UnitSize} below {stored.Length - UnitSize} is allowed");
        }

        _trie = new uint[length / UnitSize];
        for (int i = 0; i < _trie.Length; i++)
            _trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(stored[((i + 1) * UnitSize)..]);
        _replacements = stored[(UnitSize + (int)length)..].ToArray();
        if (_replacements[^1] != 0)
            throw new FormatException("the last replacement of the normalization rules has no end");
    }

    /// <summary>Finds the longest beginning of a text that is replaced.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">How many UTF-16 units of it are.</param>
    /// <param name="replacement">By what.</param>
    public bool TryMatch(ReadOnlySpan<char> text, out int length, out string replacement)
    {
        length = 0;
        replacement = "";
        Span<byte> utf8 = stackalloc byte[MaxUtf8Length];
        uint node = OffsetOf(_trie[0]);
        for (int units = 0; units < text.Length;)
        {
            Rune.DecodeFromUtf16(text[units..], out Rune rune, out int runeUnits);
            units += runeUnits;
            int leaf = -1;
            foreach (byte value in utf8[..rune.EncodeToUtf8(utf8)])
            {
                if (!TryStep(ref node, value, out leaf))
                    return length > 0;
            }

            if (leaf >= 0)
                (length, replacement) = (units, ReplacementAt(leaf));
        }

        return length > 0;
    }

    /// <summary>Goes down an edge of the trie, and says where the replacement is of what ends there; -1 for none.</summary>
    // A unit has, from its lowest bit on: the byte on the edge to it (8), whether something ends there (1), the scale of the
    // offset (1) and the offset to its children (22). One that holds a place in the replacements has its highest bit set.
    private bool TryStep(ref uint node, byte value, out int leaf)
    {
        const uint LabelBits = 0x8000_00FF, ValueBits = 0x7FFF_FFFF;
        leaf = -1;
        node ^= value;
        if (node >= _trie.Length || (_trie[node] & LabelBits) != value)
            return false;
        uint unit = _trie[node];
        node ^= OffsetOf(unit);
        if (((unit >> 8) & 1) != 0 && node < _trie.Length)
            leaf = (int)(_trie[node] & ValueBits);
        return true;
    }

    private static uint OffsetOf(uint unit) => (unit >> 10) << (int)((unit & (1 << 9)) >> 6);

    private string ReplacementAt(int start)
    {
        ReadOnlySpan<byte> rest = start < _replacements.Length ? _replacements.AsSpan(start) : [0];
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)0)]);
    }
}
