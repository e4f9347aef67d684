using System.Buffers;
using System.Text;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>Reads UTF-8 that comes piece by piece, in which characters may be split. For one thread at a time.</summary>
/// <param name="text">Receives the characters as soon as they are certain.</param>
/// <param name="replacesEveryByte">Whether each byte that is not UTF-8 gives a U+FFFD, rather than each longest beginning of a
/// character (Unicode, 3.9).</param>
internal sealed class Utf8Reader(StringBuilder text, bool replacesEveryByte)
{
    private byte[] _pending = [];

    /// <summary>Reads a piece.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _pending = Read(_pending.Length == 0 ? bytes : [.. _pending, .. bytes], isEnd: false).ToArray();
    }

    /// <summary>Gives U+FFFD for what is incomplete.</summary>
    public void Flush()
    {
        Read(_pending, isEnd: true);
        _pending = [];
    }

    /// <summary>Reads characters and returns what is incomplete, which at the end is nothing.</summary>
    private ReadOnlySpan<byte> Read(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        while (!bytes.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length);
            if (status == OperationStatus.NeedMoreData && !isEnd)
                break;
            text.Append(rune);
            bytes = bytes[(status == OperationStatus.Done || !replacesEveryByte ? length : 1)..];
        }

        return bytes;
    }
}
