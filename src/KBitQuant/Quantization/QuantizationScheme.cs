using System.Globalization;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>How a tensor is quantized: w = constant * table[code] + offset, a constant (and offset) for each block.</summary>
/// <remarks>Blocks are flat and one-dimensional over the row-major tensor, as in equation 1 of arXiv 2212.09720; the last one may
/// be short.</remarks>
public sealed record QuantizationScheme
{
    private const string BlockWord = "block";
    private const string TensorWord = "tensor";
    private const string NestedWord = "nested";
    private const string OffsetWord = "offset";

    /// <summary>The block size that stands for the whole tensor as one block.</summary>
    public const int WholeTensor = 0;

    /// <summary>Makes a scheme.</summary>
    /// <param name="dataType">The table.</param>
    /// <param name="blockSize">Elements that share a constant, at least 1; <see cref="WholeTensor"/> for one block.</param>
    /// <exception cref="ArgumentOutOfRangeException">The block size is negative.</exception>
    public QuantizationScheme(DataType dataType, int blockSize = 64)
    {
        ArgumentNullException.ThrowIfNull(dataType);
        if (blockSize < 0)
            throw new ArgumentOutOfRangeException(nameof(blockSize), blockSize, $"A block has 1 or more elements, or {WholeTensor} for the whole tensor; {blockSize} was given.");
        DataType = dataType;
        BlockSize = blockSize;
    }

    /// <summary>The table that gives codes their values.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public DataType DataType
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(DataType));
    }

    /// <summary>Elements that share a constant; <see cref="WholeTensor"/> for one block.</summary>
    public int BlockSize { get; }

    /// <summary>How constants and offsets are stored. Constants are rounded to it first; codes are chosen against the rounded ones.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public ConstantFormat Constants
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Constants));
    } = ConstantFormat.Float16;

    /// <summary>Whether the constants are quantized themselves, to 8 bits, as in QLoRA (<see cref="NestedConstants"/>). Codes are
    /// then chosen against the 32-bit constants, as in bitsandbytes; <see cref="Constants"/> is the offsets' format.</summary>
    public bool Nested { get; init; }

    /// <summary>What is subtracted from each block.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of the known ones.</exception>
    public BlockOffset Offset
    {
        get;
        init => field = KnownValue.Checked(value, nameof(Offset));
    }

    /// <summary>The format that constants are rounded to before codes are chosen: <see cref="Constants"/>, or 32-bit floats where
    /// they are nested.</summary>
    internal ConstantFormat DirectConstants => Nested ? ConstantFormat.Float32 : Constants;

    /// <summary>The block size for a tensor of this length.</summary>
    /// <param name="length">Elements, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public int BlockSizeFor(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return BlockSize == WholeTensor ? Math.Max(length, 1) : BlockSize;
    }

    /// <summary>How many blocks a tensor of this length has.</summary>
    /// <param name="length">Elements, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public int BlockCount(int length) => (int)(((long)length + BlockSizeFor(length) - 1) / BlockSizeFor(length));

    /// <summary>Reads what <see cref="ToString"/> writes, of a data type of the catalogue.</summary>
    /// <param name="text">The type, <c>block</c> and its size or <c>tensor</c>, the format of the constants, and where they are,
    /// <c>nested</c> and <c>offset</c> with its kind: such as <c>nf4 block 64 fp16</c> or <c>uint4 block tensor bf16 nested offset mean</c>.</param>
    /// <exception cref="ArgumentException">It is no such text, or there is no such data type, format or offset.</exception>
    public static QuantizationScheme Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Split(' ') is not [string type, BlockWord, string block, string constants, .. string[] rest])
            throw Unreadable(text);
        bool isNested = rest is [NestedWord, ..];
        BlockOffset offset = rest[(isNested ? 1 : 0)..] switch
        {
            [] => BlockOffset.None,
            [OffsetWord, string word] => Enum.GetValues<BlockOffset>().Where(kind => WordOf(kind) == word).Cast<BlockOffset?>().FirstOrDefault() ?? throw Unreadable(text),
            _ => throw Unreadable(text),
        };
        bool isNumber = int.TryParse(block, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size > 0;
        return isNumber || block == TensorWord
            ? new(DataTypeCatalog.Get(type), isNumber ? size : WholeTensor) { Constants = ConstantFormat.Get(constants), Nested = isNested, Offset = offset }
            : throw Unreadable(text);
    }

    /// <summary>A short text that says everything, such as <c>nf4 block 64 fp16</c>; <see cref="Parse"/> reads it.</summary>
    public override string ToString()
    {
        string block = BlockSize == WholeTensor ? TensorWord : BlockSize.ToString(CultureInfo.InvariantCulture);
        string nested = Nested ? $" {NestedWord}" : "";
        string offset = Offset == BlockOffset.None ? "" : $" {OffsetWord} {WordOf(Offset)}";
        return $"{DataType.Name} {BlockWord} {block} {Constants}{nested}{offset}";
    }

    private static string WordOf(BlockOffset offset) => offset.ToString().ToLowerInvariant();

    private static ArgumentException Unreadable(string text) => new(
        $"A scheme is such as 'nf4 {BlockWord} 64 fp16' or 'uint4 {BlockWord} {TensorWord} bf16 {NestedWord} {OffsetWord} minimum'; '{text}' was given.", nameof(text));
}
