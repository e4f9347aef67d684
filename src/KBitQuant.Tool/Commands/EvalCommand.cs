using System.CommandLine;
using KBitQuant.Compute;
using KBitQuant.Quantization;
using KBitQuant.Tool.Options;
using KBitQuant.Tool.Output;
using KBitQuant.Transformers.Evaluation;

namespace KBitQuant.Tool.Commands;

/// <summary><c>eval</c>: measures a model's perplexity and size.</summary>
internal sealed class EvalCommand : ToolCommand
{
    private readonly Argument<string> _model = CommonOptions.Model();
    private readonly Option<string> _text = new("--text")
    {
        Description = "The text to predict, in UTF-8.",
        Required = true,
        HelpName = "FILE",
    };

    private readonly Option<int> _tokens = NumberOption.Between(
        "--tokens", "The most tokens of the text to use.", Perplexity.DefaultTokens, 2, int.MaxValue);
    private readonly Option<ActivationPrecision> _activations = ActivationsOption.Create();
    private readonly Option<string> _device = DeviceOption.Create();
    private readonly SchemeOptions _scheme;

    public EvalCommand()
        : base(
            "eval",
            "Measure how well a model predicts a text, as it is (type none in JSON) or quantized on the fly, and count its bits.")
    {
        Add(_model);
        Add(_text);
        _scheme = new SchemeOptions(this, isRequired: false);
        Add(_activations);
        Add(_device);
        Add(_tokens);
    }

    protected override void Run(ParseResult parse, ToolOutput output, CancellationToken cancellationToken)
    {
        string path = parse.GetRequiredValue(_model);
        ActivationPrecision activations = parse.GetValue(_activations);
        using ModelSession session = ModelSession.Open(path, _scheme, activations, parse.GetRequiredValue(_device), parse, output);
        int[] tokens = Perplexity.ReadTokens(session.Tokenizer, parse.GetRequiredValue(_text), parse.GetValue(_tokens));
        int window = Math.Min(Perplexity.DefaultWindow, session.Model.Config.MaxPositions);
        PerplexityResult result = output.Track(
            "Evaluating", progress => Perplexity.Evaluate(session.Model, tokens, window, progress));
        BitLedger bits = session.Model.Bits;
        var document = new
        {
            model = path,
            type = session.TypeName,
            block = session.Block,
            activations = ActivationsOption.WordOf(activations),
            device = session.DeviceName,
            tokens = tokens.Length,
            perplexity = result.Perplexity,
            totalBits = bits.Total,
            bitsPerParameter = bits.BitsPerParameter,
        };
        output.Show(
            document,
            $"perplexity          {result.Perplexity:F3} over {tokens.Length:N0} tokens in windows of {window}",
            $"bits                {bits.Total:N0} ({Quantities.Bytes(bits.Total / 8.0)}), type {session.TypeName}",
            $"bits per parameter  {bits.BitsPerParameter:F3} of {bits.Parameters:N0} parameters");
    }
}
