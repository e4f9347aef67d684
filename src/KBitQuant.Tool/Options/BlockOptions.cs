using System.CommandLine;
using System.Globalization;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Tool.Options;

/// <summary>The options that make a scheme of a data type.</summary>
internal sealed class BlockOptions
{
    private const int DefaultBlock = 64;
    private const string WholeTensorName = "tensor";

    private readonly Option<int> _block = ParsedOption.Of(
        "--block", $"Elements that share a constant, or '{WholeTensorName}' for one constant a tensor.", "SIZE", ParseBlock, DefaultBlock);
    private readonly Option<ConstantFormat> _constants = ParsedOption.Of(
        "--constants", $"Format of block constants: {string.Join(", ", ConstantFormat.All)}.", "FORMAT", ConstantFormat.Get, ConstantFormat.Float16);
    private readonly Option<bool> _nested = new("--nested") { Description = "Quantize the block constants themselves to 8 bits." };
    private readonly Option<BlockOffset?> _offset = ParsedOption.WordsOrNull(
        "--offset",
        "What each block subtracts and stores. [default: minimum for types without values below 0, none for others]",
        [.. Enum.GetValues<BlockOffset>().Select(offset => (QuantizedTensorLayout.OffsetName(offset), offset))]);

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_block, _constants, _nested, _offset];

    /// <summary>The scheme asked for.</summary>
    public QuantizationScheme Scheme(DataType type, ParseResult parse) => new(type, parse.GetValue(_block))
    {
        Constants = parse.GetRequiredValue(_constants),
        Nested = parse.GetValue(_nested),
        Offset = parse.GetValue(_offset) ?? DefaultOffset(type),
    };

    /// <summary>Without an offset, a type that has nothing below 0 would make every negative weight 0.</summary>
    private static BlockOffset DefaultOffset(DataType type) =>
        type.Codebook.ToArray().Any(value => value < 0) ? BlockOffset.None : BlockOffset.Minimum;

    private static int ParseBlock(string given) =>
        given == WholeTensorName ? QuantizationScheme.WholeTensor
        : int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size > 0 ? size
        : throw new ArgumentException($"a number from 1 up, or '{WholeTensorName}', is allowed; '{given}' was given.");
}
