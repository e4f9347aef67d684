using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Tool.Options;

/// <summary>The options that say how a model is quantized, shared by all commands that quantize.</summary>
internal sealed class SchemeOptions
{
    private const int DefaultBlock = 64;
    private const string WholeTensorName = "tensor";

    private readonly Option<DataType?> _type = new("--type")
    {
        Description = "Data type, such as nf4, int3, float5, dynamic8, quantile4 (kbitquant types lists all).",
        HelpName = "NAME",
    };

    private readonly Option<int> _block = new("--block")
    {
        Description = $"Elements that share a constant, or '{WholeTensorName}' for one constant a tensor.",
        HelpName = "SIZE",
        DefaultValueFactory = _ => DefaultBlock,
        CustomParser = ParseBlock,
    };

    private readonly Option<ConstantFormat> _constants = new("--constants")
    {
        Description = $"Format of block constants: {AllowedFormats}.",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => ConstantFormat.Float16,
        CustomParser = ParseFormat,
    };

    private readonly Option<bool> _nested = new("--nested")
    {
        Description = "Quantize the block constants themselves to 8 bits.",
    };

    private readonly Option<bool> _center = new("--center") { Description = "Subtract each block's mean before quantizing." };
    private readonly Option<bool> _head = new("--head") { Description = "Quantize the output head too." };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isRequired">Whether --type must be given.</param>
    public SchemeOptions(Command command, bool isRequired)
    {
        _type.Required = isRequired;
        _type.CustomParser = ParseType;
        Option[] refinements = [_block, _constants, _nested, _center, _head];
        command.Add(_type);
        foreach (Option option in refinements)
            command.Add(option);
        command.Validators.Add(result =>
        {
            string[] given =
                [.. refinements.Where(option => result.GetResult(option) is { Implicit: false }).Select(option => option.Name)];
            if (given.Length > 0 && result.GetResult(_type) is null)
                result.AddError($"{string.Join(", ", given)} needs --type, such as --type nf4.");
        });
    }

    private static string AllowedFormats => string.Join(", ", ConstantFormat.All);

    /// <summary>The scheme asked for; null where no --type was given.</summary>
    public QuantizationScheme? Scheme(ParseResult parse) => parse.GetValue(_type) is not { } type
        ? null
        : new(type, parse.GetValue(_block))
        {
            Constants = parse.GetRequiredValue(_constants),
            Nested = parse.GetValue(_nested),
            Offset = parse.GetValue(_center) ? BlockOffset.Mean : BlockOffset.None,
        };

    /// <summary>The plan asked for; it quantizes nothing where no --type was given.</summary>
    public QuantizationPlan Plan(ParseResult parse) => Scheme(parse) is { } scheme
        ? QuantizationPlan.Linear(scheme, parse.GetValue(_head))
        : QuantizationPlan.None;

    private static DataType? ParseType(ArgumentResult result)
    {
        try
        {
            return DataTypeCatalog.Get(result.Tokens[0].Value);
        }
        catch (ArgumentException exception)
        {
            result.AddError($"--type: {ErrorLine.Of(exception)}");
            return null;
        }
    }

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
