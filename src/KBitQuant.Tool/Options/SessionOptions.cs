using System.CommandLine;
using KBitQuant.Compute;
using KBitQuant.Tool.Commands;
using KBitQuant.Tool.Output;
using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Tool.Options;

/// <summary>The argument and the options of commands that run a model.</summary>
internal sealed class SessionOptions
{
    private readonly Argument<string> _model = new("MODEL")
    {
        Description = "A model's folder (config.json, model.safetensors or shards with their index, a tokenizer), the file of its tensors in there, or a .bin file of llama2.c.",
    };

    private readonly Option<string> _tokenizer = new("--tokenizer")
    {
        Description = "The tokenizer's file or folder, where it is not in the model's folder.",
        HelpName = "PATH",
    };

    private readonly Option<ActivationPrecision> _activations = ActivationsOption.Create();
    private readonly Option<string> _device = DeviceOption.Create();
    private readonly Option<int> _threads = ThreadsOption.Create();
    private readonly SchemeOptions _scheme;

    /// <summary>Adds them to a command.</summary>
    public SessionOptions(Command command)
    {
        command.Add(_model);
        _scheme = new SchemeOptions(command, isRequired: false);
        foreach (Option option in (Option[])[_activations, _device, _threads, _tokenizer])
            command.Add(option);
        DeviceOption.Restrict(command, _device, forCpu: [_activations, _threads], forGpu: []);
    }

    /// <summary>The model's folder or file.</summary>
    public string PathOf(ParseResult parse) => parse.GetRequiredValue(_model);

    /// <summary>Loads the model, quantized and run as the options say; dispose of it when done.</summary>
    public ModelSession Open(ParseResult parse, ToolOutput output, CancellationToken cancellationToken)
    {
        string path = PathOf(parse);
        if (!Path.Exists(path))
            throw new FileNotFoundException($"There is no file or folder '{path}' to read a model from.");
        string folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        TextTokenizer tokenizer = parse.GetValue(_tokenizer) is { } elsewhere ? TextTokenizer.Load(elsewhere) : LoadTokenizer(folder);
        if (tokenizer.FallbackReason is { } reason)
            output.Note($"The tokenizer is tokenizer.model, without added tokens. {reason}");
        ActivationPrecision activations = parse.GetValue(_activations);
        ComputeDevice device = DeviceOption.Open(parse.GetRequiredValue(_device), parse.GetValue(_threads));
        try
        {
            var options = new ModelOptions { Plan = _scheme.Plan(parse), Device = device, Preference = new() { Activations = activations } };
            TransformerModel model = ToolOutput.Track("Loading", progress => TransformerModel.Load(path, options, progress, cancellationToken));
            // Loading leaves garbage of the size of its largest tensors, which would otherwise stay resident.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            return new ModelSession(path, model, device, tokenizer, activations);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    private TextTokenizer LoadTokenizer(string folder)
    {
        try
        {
            return TextTokenizer.Load(folder);
        }
        catch (FileNotFoundException exception)
        {
            throw new FileNotFoundException($"{exception.Message} One elsewhere is named by {_tokenizer.Name}.", exception);
        }
    }
}
