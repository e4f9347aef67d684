using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using KBitQuant.Transformers.Models;
using Microsoft.Win32.SafeHandles;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>
/// A model file of llama2.c, seen as a Llama checkpoint of Hugging Face: seven 32-bit integers (hidden size, feed-forward width,
/// layers, heads, key and value heads, vocabulary, longest sequence), then every tensor in floats, all layers of one kind
/// together.
/// A negative vocabulary size says that the output head is a tensor of its own, at the end of the file.
/// </summary>
/// <remarks>llama2.c rotates neighbouring elements of a head, Hugging Face's Llama elements half a head apart: the rows of query
/// and key weights are reordered to match.</remarks>
public sealed class Llama2CFile : IWeightSource
{
    /// <summary>How the name of such a file ends.</summary>
    internal const string Extension = ".bin";

    private const int HeaderLength = 7 * sizeof(int);

    /// <summary>llama2.c: "the BOS (=1) token delimits sequences".</summary>
    private const int DelimiterToken = 1;

    private readonly SafeFileHandle _file;
    private readonly Dictionary<string, (ModelTensor Tensor, long Offset)> _tensors = [];

    private Llama2CFile(string path, SafeFileHandle file)
    {
        Path = path;
        _file = file;
        Span<byte> header = stackalloc byte[HeaderLength];
        long length = RandomAccess.GetLength(file);
        if (length < HeaderLength)
            throw new CheckpointFormatException(path, $"{length} bytes; a llama2.c file begins with {HeaderLength} bytes of header.");
        Fill(header, 0);
        Config = ReadConfig(header);
        long end = LocateTensors();
        if (end != length)
        {
            throw new CheckpointFormatException(
                path, $"{length} bytes; by its header it has {end} (is this a llama2.c file of version 0, in floats?).");
        }
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <summary>The shape of the model, from the file's header.</summary>
    public ModelConfig Config { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointFormatException">The header is not valid, or the file's length does not go with it.</exception>
    public static Llama2CFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!File.Exists(path))
            throw MissingFile.Of(path, $"There is no file '{path}' to read tensors from.");
        SafeFileHandle file = File.OpenHandle(path);
        try
        {
            return new(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TryGetShape(string name, out ImmutableArray<long> shape)
    {
        bool isFound = _tensors.TryGetValue(name, out (ModelTensor Tensor, long Offset) entry);
        shape = isFound ? entry.Tensor.Shape : [];
        return isFound;
    }

    /// <inheritdoc/>
    public float[] ReadSingle(string name)
    {
        if (!_tensors.TryGetValue(name, out (ModelTensor Tensor, long Offset) entry))
            throw new KeyNotFoundException($"{Path} has no tensor '{name}'; it has {_tensors.Count} others.");
        if (entry.Tensor.ElementCount > Array.MaxLength)
            throw new NotSupportedException($"{Path}: tensor {entry.Tensor} has more than {Array.MaxLength} elements.");
        var values = new float[entry.Tensor.ElementCount];
        Fill(MemoryMarshal.AsBytes(values.AsSpan()), entry.Offset);
        bool isRotated = RotatedModules().Any(module => name.EndsWith(module, StringComparison.Ordinal));
        return isRotated ? HalvesApart(values) : values;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private ModelConfig ReadConfig(ReadOnlySpan<byte> header)
    {
        Span<int> fields = stackalloc int[HeaderLength / sizeof(int)];
        for (int i = 0; i < fields.Length; i++)
            fields[i] = BinaryPrimitives.ReadInt32LittleEndian(header[(i * sizeof(int))..]);
        (int hidden, int heads, int keyValueHeads, int vocabulary) = (fields[0], fields[3], fields[4], fields[5]);
        bool isValid = fields[..5].IndexOfAnyExceptInRange(1, ModelLayout.MaxWidth) < 0 && fields[2] <= ModelLayout.MaxLayers
            && vocabulary is not (0 or int.MinValue) && Math.Abs(vocabulary) <= ModelLayout.MaxDimension && fields[6] > 0
            && hidden % heads == 0 && heads % keyValueHeads == 0 && hidden / heads % 2 == 0;
        if (!isValid)
        {
            throw new CheckpointFormatException(Path, $"the header has [{string.Join(", ", fields.ToArray())}], which is no Llama model "
                + "(hidden size, feed-forward width, layers, heads, key and value heads, vocabulary, longest sequence).");
        }

        return new()
        {
            Family = ModelFamily.Get("llama"),
            VocabularySize = Math.Abs(vocabulary),
            HiddenSize = hidden,
            LayerCount = fields[2],
            HeadCount = heads,
            KeyValueHeadCount = keyValueHeads,
            HeadSize = hidden / heads,
            IntermediateSize = fields[1],
            MaxPositions = fields[6],
            NormEpsilon = 1e-5f,
            Activation = Activation.Get("silu"),
            Rotary = new(10000, hidden / heads),
            IsParallel = false,
            Biases = LinearBiases.None,
            HasTiedEmbeddings = vocabulary > 0,
            EndTokens = [DelimiterToken],
        };
    }

    /// <summary>Finds every tensor's place and returns where the last one ends.</summary>
    private long LocateTensors()
    {
        WeightNames names = Config.Family.Names;
        Dictionary<string, ModelTensor> tensors = Config.Tensors.ToDictionary(tensor => tensor.Name);
        long offset = HeaderLength;
        void Locate(string module)
        {
            ModelTensor tensor = tensors[ModelLayout.WeightOf(module)];
            _tensors.Add(tensor.Name, (tensor, offset));
            offset = checked(offset + (tensor.ElementCount * sizeof(float)));
        }

        Locate(names.Embedding);
        string[] modules = [names.AttentionNorm, .. names.Qkv, names.AttentionOutput, names.FeedForwardNorm, names.Gate!, names.Down, names.Up];
        foreach (string module in modules)
        {
            for (int layer = 0; layer < Config.LayerCount; layer++)
                Locate(ModelLayout.InLayer(module, layer));
        }

        Locate(names.FinalNorm);
        // Cosines and sines of the rotary embedding, half a head of each for every position; llama2.c itself no longer reads
        // them.
        offset += (long)Config.MaxPositions * Config.HeadSize * sizeof(float);
        if (!Config.HasTiedEmbeddings)
            Locate(names.Head);
        return offset;
    }

    /// <summary>The names of query and key weights, without their layers.</summary>
    private IEnumerable<string> RotatedModules() =>
        Config.Family.Names.Qkv.Take(2).Select(module => ModelLayout.WeightOf(module.Split(WeightNames.LayerPlaceholder)[^1]));

    /// <summary>Rows 0, 1, 2, 3, ... of each head become 0, 2, ..., 1, 3, ...</summary>
    private float[] HalvesApart(float[] values)
    {
        (int size, int columns) = (Config.HeadSize, Config.HiddenSize);
        var reordered = new float[values.Length];
        for (int row = 0; row < values.Length / columns; row++)
        {
            int inHead = row % size;
            int target = row - inHead + (inHead / 2) + (inHead % 2 * (size / 2));
            values.AsSpan(row * columns, columns).CopyTo(reordered.AsSpan(target * columns, columns));
        }

        return reordered;
    }

    private void Fill(Span<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            int read = RandomAccess.Read(_file, bytes, offset);
            if (read == 0)
                throw new CheckpointFormatException(Path, $"the file ends at {offset}; it was longer when it was opened.");
            bytes = bytes[read..];
            offset += read;
        }
    }
}
