namespace KBitQuant.Quantization;

public sealed partial class QuantizedTensor
{
    /// <summary>One tensor of the rows of several, one after the other, with the same codes and constants.</summary>
    /// <param name="tensors">At least one, of the same columns.</param>
    /// <returns>Null where their parts cannot be put one after the other: schemes or tables differ, constants are nested or of the whole
    /// tensor, or blocks or bytes run across an end.</returns>
    internal static QuantizedTensor? TryJoinRows(IReadOnlyList<QuantizedTensor> tensors)
    {
        QuantizationScheme scheme = tensors[0].Scheme;
        int columns = tensors[0].Columns;
        long length = tensors.Sum(tensor => (long)tensor.Length);
        bool canJoin = !scheme.Nested && scheme.BlockSize != QuantizationScheme.WholeTensor && length <= MaxLength
            && tensors.All(tensor => IsSame(tensor.Scheme, scheme) && tensor.Columns == columns)
            && tensors.SkipLast(1).All(tensor => tensor.Length % scheme.BlockSize == 0 && (long)tensor.Length * scheme.DataType.Bits % 8 == 0);
        return !canJoin ? null : new(
            tensors.Sum(tensor => tensor.Rows), columns, scheme, Join(tensors, tensor => tensor._codes), Join(tensors, tensor => tensor._constants), null,
            Join(tensors, tensor => tensor._offsets), areCodesTrusted: true);
    }

    /// <summary>The rows of two tensors in turn, a row of the first one first; null where their formats differ, or a row does not end
    /// with a block and a byte.</summary>
    internal static QuantizedTensor? TryInterleaveRows(QuantizedTensor first, QuantizedTensor second)
    {
        QuantizationScheme scheme = first.Scheme;
        int columns = first.Columns;
        bool canInterleave = !scheme.Nested && scheme.BlockSize != QuantizationScheme.WholeTensor && IsSame(second.Scheme, scheme)
            && first.Rows == second.Rows && columns == second.Columns && 2L * first.Length <= MaxLength
            && columns % scheme.BlockSize == 0 && (long)columns * scheme.DataType.Bits % 8 == 0;
        byte[] Interleave(Func<QuantizedTensor, byte[]> part) => InterleaveRows<byte>(part(first), part(second), first.Rows);
        return !canInterleave ? null : new(
            2 * first.Rows, columns, scheme, Interleave(tensor => tensor._codes), Interleave(tensor => tensor._constants), null,
            Interleave(tensor => tensor._offsets), areCodesTrusted: true);
    }

    /// <summary>The rows of two matrices in turn.</summary>
    internal static T[] InterleaveRows<T>(ReadOnlySpan<T> first, ReadOnlySpan<T> second, int rows)
    {
        var interleaved = new T[2 * first.Length];
        int length = rows == 0 ? 0 : first.Length / rows;
        for (int row = 0; row < rows; row++)
        {
            first.Slice(row * length, length).CopyTo(interleaved.AsSpan(2 * row * length));
            second.Slice(row * length, length).CopyTo(interleaved.AsSpan(((2 * row) + 1) * length));
        }

        return interleaved;
    }

    private static bool IsSame(QuantizationScheme a, QuantizationScheme b) =>
        a == b with { DataType = a.DataType } && a.DataType.Bits == b.DataType.Bits && a.DataType.Codebook.SequenceEqual(b.DataType.Codebook);

    private static byte[] Join(IReadOnlyList<QuantizedTensor> tensors, Func<QuantizedTensor, byte[]> part)
    {
        var joined = new byte[tensors.Sum(tensor => part(tensor).Length)];
        int at = 0;
        foreach (QuantizedTensor tensor in tensors)
        {
            part(tensor).CopyTo(joined, at);
            at += part(tensor).Length;
        }

        return joined;
    }
}
