using System.CommandLine;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Tool.Options;

/// <summary>The options that say how a model is quantized, shared by all commands that quantize.</summary>
internal sealed class SchemeOptions
{
    private readonly Option<DataType?> _type = ParsedOption.Of(
        "--type", "Data type, such as nf4, int3, float5, dynamic8, quantile4 (kbitquant types lists all).", "NAME", DataTypeCatalog.Get);
    private readonly BlockOptions _block = new();
    private readonly Option<bool> _head = new("--head") { Description = "Quantize the output head too." };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isRequired">Whether --type must be given.</param>
    public SchemeOptions(Command command, bool isRequired)
    {
        _type.Required = isRequired;
        Option[] refinements = [.. _block.All, _head];
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

    /// <summary>The scheme asked for; null where no --type was given.</summary>
    public QuantizationScheme? Scheme(ParseResult parse) => parse.GetValue(_type) is { } type ? _block.Scheme(type, parse) : null;

    /// <summary>The plan asked for; it quantizes nothing where no --type was given.</summary>
    public QuantizationPlan Plan(ParseResult parse) => Scheme(parse) is { } scheme
        ? QuantizationPlan.Linear(scheme, parse.GetValue(_head))
        : QuantizationPlan.None;
}
