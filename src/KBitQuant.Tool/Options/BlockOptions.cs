using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Tool.Options;

/// <summary>The options that make a scheme of a data type.</summary>
internal sealed class BlockOptions
{
    private const int DefaultBlock = 64;
    private const string WholeTensorName = "tensor";

    private readonly Option<int> _block = new("--block")
    {
        Description = $"Elements that share a constant, or '{WholeTensorName}' for one constant a tensor.",
        HelpName = "SIZE",
        DefaultValueFactory = _ => DefaultBlock,
        CustomParser = ParseBlock,
    };

    private readonly Option<ConstantFormat> _constants = new("--constants")
    {
        Description = $"Format of block constants: {string.Join(", ", ConstantFormat.All)}.",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => ConstantFormat.Float16,
        CustomParser = ParseFormat,
    };

    private readonly Option<bool> _nested = new("--nested")
    {
        Description = "Quantize the block constants themselves to 8 bits.",
    };

    private readonly Option<bool> _center = new("--center") { Description = "Subtract each block's mean before quantizing." };

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_block, _constants, _nested, _center];

    /// <summary>The scheme asked for.</summary>
    public QuantizationScheme Scheme(DataType type, ParseResult parse) => new(type, parse.GetValue(_block))
    {
        Constants = parse.GetRequiredValue(_constants),
        Nested = parse.GetValue(_nested),
        Offset = parse.GetValue(_center) ? BlockOffset.Mean : BlockOffset.None,
    };

    private static int ParseBlock(ArgumentResult result)
    {
        string given = result.Tokens[0].Value;
        if (given == WholeTensorName)
            return QuantizationScheme.WholeTensor;
        if (int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size > 0)
            return size;
        result.AddError($"--block takes a number from 1 up, or '{WholeTensorName}'; '{given}' was given.");
        return DefaultBlock;
    }

    private static ConstantFormat ParseFormat(ArgumentResult result)
    {
        try
        {
            return ConstantFormat.Get(result.Tokens[0].Value);
        }
        catch (ArgumentException exception)
        {
            result.AddError($"--constants: {ErrorLine.Of(exception)}");
            return ConstantFormat.Float16;
        }
    }
}
