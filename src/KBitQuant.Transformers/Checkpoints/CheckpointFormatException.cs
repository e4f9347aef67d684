namespace KBitQuant.Transformers.Checkpoints;

/// <summary>
/// A checkpoint or tokenizer file is not what its format allows; the message names the file, what was found and what is
/// allowed.
/// </summary>
public sealed class CheckpointFormatException : FormatException
{
    /// <summary>Makes an exception about a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">What was found and what is allowed, as a sentence.</param>
    /// <param name="innerException">The failure underneath, if any.</param>
    public CheckpointFormatException(string path, string problem, Exception? innerException = null)
        : base($"{path}: {problem}", innerException) => Path = path;

    /// <summary>The file in question.</summary>
    public string Path { get; }
}
