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
            "Measure how well a model predicts a text, as it is or quantized on the fly, and count its bits.")
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
        using ModelSession session = _session.Open(parse, output, cancellationToken);
        int[] tokens = Perplexity.ReadTokens(session.Tokenizer, text, parse.GetValue(_tokens));
        int window = Math.Min(Perplexity.DefaultWindow, session.Model.Config.MaxPositions);
        PerplexityResult result = ToolOutput.Track(
            "Evaluating", progress => Perplexity.Evaluate(session.Model, tokens, window, progress, cancellationToken));
        BitLedger bits = session.Model.Bits;
        var document = new
        {
            environment = session.Environment,
            model = session.Document,
            text,
            tokens = tokens.Length,
            window,
            scored = result.TokensScored,
            perplexity = result.Perplexity,
        };
        output.Show(
            document,
            $"perplexity          {result.Perplexity:F3} over {tokens.Length:N0} tokens in windows of {window}",
            $"bits                {bits.Total:N0} ({Quantities.Bytes(bits.Total / 8.0)}), {session.SchemeText}",
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
