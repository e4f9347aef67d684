using System.Collections.Immutable;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Models;

/// <summary>The shape of one model, as <c>config.json</c> and its family give it. One that is made by hand is checked where it is used:
/// <see cref="ArgumentException"/>.</summary>
public sealed record ModelConfig
{
    private const string FileName = "config.json";

    /// <summary>The family.</summary>
    public required ModelFamily Family { get; init; }

    /// <summary>Rows of the embedding matrix: token ids are from 0 to this less 1; 1 to 16,777,216.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Elements of a hidden state; 1 to 1,048,576.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Decoder layers; 1 to 4096.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Query heads of each layer; 1 or more, together with at most 1,048,576 elements.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Key and value heads of each layer, each shared by equally many query heads; a divisor of their number.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Elements of a head; 1 or more.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Width of the feed-forward network; 1 to 1,048,576.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>The longest sequence that the model takes; where its attention is limited to a window, that. 1 or more.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>The constant added to a variance or mean square before its root is taken; 0 to 1.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>The nonlinearity of the feed-forward network.</summary>
    public required Activation Activation { get; init; }

    /// <summary>The rotary position embedding.</summary>
    public required RotaryConfig Rotary { get; init; }

    /// <summary>Whether attention and feed-forward network read the same hidden state and are added together.</summary>
    public required bool IsParallel { get; init; }

    /// <summary>Which linear layers have a bias.</summary>
    public required LinearBiases Biases { get; init; }

    /// <summary>Whether the embedding matrix is the output head too.</summary>
    public required bool HasTiedEmbeddings { get; init; }

    /// <summary>The tokens that end a text; may be none.</summary>
    public required ImmutableArray<int> EndTokens { get; init; }

    /// <summary>Every tensor that such a model is made of, in the order of computation.</summary>
    public IEnumerable<ModelTensor> Tensors => ModelLayout.Enumerate(this);

    /// <summary>Reads a configuration in the manner of Hugging Face; old and new spellings of the rotary keys are
    /// known.</summary>
    /// <param name="path">A <c>config.json</c>, or the folder that holds it.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointFormatException">The file is not JSON, lacks a key, or has a value out of range or of another
    /// kind.</exception>
    /// <exception cref="NotSupportedException">The model's family, activation or rotary embedding is not known; the message
    /// lists what is.</exception>
    public static ModelConfig Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        return JsonFile.Read(file, root => new ModelConfigReader(root).Read());
    }
}
