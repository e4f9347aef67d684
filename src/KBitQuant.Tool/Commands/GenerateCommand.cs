using System.CommandLine;
using KBitQuant.Tool.Options;
using KBitQuant.Tool.Output;
using KBitQuant.Transformers.Generation;

namespace KBitQuant.Tool.Commands;

/// <summary><c>generate</c>: continues a text.</summary>
internal sealed class GenerateCommand : ToolCommand
{
    private static readonly SamplingOptions Defaults = new();

    private readonly Option<string> _prompt = new("--prompt")
    {
        Description = "The text to continue.",
        Required = true,
        HelpName = "TEXT",
    };

    private readonly Option<int> _tokens = ParsedOption.Number(
        "--tokens", "The most tokens to generate.", Defaults.MaxTokens, 1, int.MaxValue);
    private readonly Option<int> _seed = ParsedOption.Number(
        "--seed", "Seed of the random draws.", Defaults.Seed, int.MinValue, int.MaxValue);
    private readonly Option<float> _temperature = ParsedOption.Number(
        "--temperature", "0 takes the likeliest token each time; 1 draws as the model says.", Defaults.Temperature, 0, float.MaxValue);
    private readonly Option<float> _topP = ParsedOption.Number(
        "--top-p", "Draw from the likeliest tokens that together reach this probability.", Defaults.TopP, float.Epsilon, 1, "above 0, at most 1");
    private readonly Option<bool> _stats = new("--stats") { Description = "Say how fast it went, in how much memory, by which kernels." };
    private readonly SessionOptions _session;

    public GenerateCommand()
        : base("generate", "Continue a text with a model, as it is or quantized on the fly.")
    {
        Add(_prompt);
        Add(_tokens);
        _session = new SessionOptions(this);
        Add(_seed);
        Add(_temperature);
        Add(_topP);
        Add(_stats);
    }

    protected override void Run(ParseResult parse, ToolOutput output, CancellationToken cancellationToken)
    {
        string prompt = parse.GetRequiredValue(_prompt);
        SamplingOptions options = new()
        {
            MaxTokens = parse.GetValue(_tokens),
            Seed = parse.GetValue(_seed),
            Temperature = parse.GetValue(_temperature),
            TopP = parse.GetValue(_topP),
        };
        using ModelSession session = _session.Open(parse, output, cancellationToken);
        GenerationClock clock = new();
        IEnumerable<string> pieces = new TextGenerator(session.Model, session.Tokenizer, clock).Generate(prompt, options, cancellationToken);
        string text = output.Stream(prompt, pieces);
        GenerationStatistics? stats = parse.GetValue(_stats) ? new(session.Model, clock) : null;
        if (output.IsJson)
        {
            output.Show(new
            {
                environment = session.Environment,
                model = session.Document,
                sampling = options,
                prompt,
                text,
                stats,
            });
        }
        else if (stats is not null)
            output.Note(stats.Lines());
    }
}
