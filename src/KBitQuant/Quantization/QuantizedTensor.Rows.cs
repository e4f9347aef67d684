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
        bool canJoin = !scheme.Nested && scheme.BlockSize != QuantizationScheme.WholeTensor && length <= Array.MaxLength
            && tensors.All(tensor => IsSame(tensor.Scheme, scheme) && tensor.Columns == columns)
            && tensors.SkipLast(1).All(tensor => tensor.Length % scheme.BlockSize == 0 && (long)tensor.Length * scheme.DataType.Bits % 8 == 0);
        return !canJoin ? null : new(
            tensors.Sum(tensor => tensor.Rows), columns, scheme, Join(tensors, tensor => tensor._codes), Join(tensors, tensor => tensor._constants), null,
            Join(tensors, tensor => tensor._offsets), areCodesTrusted: true);
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
