using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KBitQuant.Quantization;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>
/// Where a model's weights come from, whatever the file's format: tensors by the names that the model family gives them.
/// Reading from several threads is safe.
/// </summary>
public interface IWeightSource : IDisposable
{
    /// <summary>The folder or file, for messages.</summary>
    string Path { get; }

    /// <summary>The shape of a tensor as the model sees it, whatever its packing in the file.</summary>
    /// <param name="name">The name, case-sensitive.</param>
    /// <param name="shape">The dimensions, outermost first.</param>
    /// <returns>Whether there is such a tensor.</returns>
    bool TryGetShape(string name, out ImmutableArray<long> shape);

    /// <summary>Reads a tensor as floats.</summary>
    /// <param name="name">The tensor.</param>
    /// <returns>The values, row-major.</returns>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="ObjectDisposedException">The source is disposed of.</exception>
    /// <exception cref="ArgumentException">The tensor holds no floating-point numbers.</exception>
    /// <exception cref="NotSupportedException">The tensor has more elements than an array can have.</exception>
    /// <exception cref="CheckpointFormatException">The file has been cut off since it was opened.</exception>
    float[] ReadSingle(string name);

    /// <summary>Reads a matrix that the file holds quantized.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="tensor">The matrix.</param>
    /// <returns>Whether there is such a tensor and it is quantized; formats that hold none need not implement this.</returns>
    bool TryReadQuantized(string name, [NotNullWhen(true)] out QuantizedTensor? tensor)
    {
        tensor = null;
        return false;
    }
}
