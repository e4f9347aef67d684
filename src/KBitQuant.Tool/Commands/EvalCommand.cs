using System.CommandLine;
using KBitQuant.Quantization;
using KBitQuant.Tool.Options;
using KBitQuant.Tool.Output;
using KBitQuant.Transformers.Evaluation;

namespace KBitQuant.Tool.Commands;

/// <summary><c>eval</c>: measures a model's perplexity and size.</summary>
internal sealed class EvalCommand : ToolCommand
{
    private readonly Option<string> _text = new("--text")
    {
        Description = "The text to predict, in UTF-8.",
        Required = true,
        HelpName = "FILE",
    };

    private readonly Option<int> _tokens = ParsedOption.Number(
        "--tokens", "The most tokens of the text to use.", Perplexity.DefaultTokens, 2, int.MaxValue);
    private readonly SessionOptions _session;

    public EvalCommand()
        : base(
            "eval",
            "Measure how well a model predicts a text, as it is (type none in JSON) or quantized on the fly, and count its bits.")
    {
        Add(_text);
        _session = new SessionOptions(this);
        Add(_tokens);
    }

    protected override void Run(ParseResult parse, ToolOutput output, CancellationToken cancellationToken)
    {
        string text = parse.GetRequiredValue(_text);
        // Before the model is loaded, which may take long.
        if (Path.Exists(_session.PathOf(parse)))
            ThrowUnlessFile(text);
        using ModelSession session = _session.Open(parse, output);
        int[] tokens = Perplexity.ReadTokens(session.Tokenizer, text, parse.GetValue(_tokens));
        int window = Math.Min(Perplexity.DefaultWindow, session.Model.Config.MaxPositions);
        PerplexityResult result = output.Track(
            "Evaluating", progress => Perplexity.Evaluate(session.Model, tokens, window, progress));
        BitLedger bits = session.Model.Bits;
        var document = new
        {
            model = session.Path,
            type = session.TypeName,
            block = session.Block,
            activations = ActivationsOption.WordOf(session.Activations),
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

    private static void ThrowUnlessFile(string path)
    {
        if (Directory.Exists(path))
            throw new IOException($"'{path}' is a folder; a file of text is needed.");
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}'.");
    }
}
