using KBitQuant.Quantization;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>A quantized weight of a checkpoint as its file describes it; its codes and constants are not read yet.</summary>
public sealed class QuantizedTensorInfo
{
    internal QuantizedTensorInfo(string name, int rows, int columns, QuantizationScheme scheme)
    {
        (Name, Rows, Columns, Scheme) = (name, rows, columns, scheme);
        Parts = new QuantizedTensorParts(name, Length, scheme);
    }

    /// <summary>The weight's name in the unquantized checkpoint.</summary>
    public string Name { get; }

    /// <summary>Rows; N of a weight.</summary>
    public int Rows { get; }

    /// <summary>Columns; K of a weight.</summary>
    public int Columns { get; }

    /// <summary>How the weight is quantized, its table included.</summary>
    public QuantizationScheme Scheme { get; }

    /// <summary>Every bit of the weight.</summary>
    public BitLedger Bits => BitLedger.For(Length, Scheme);

    /// <summary>The names of the tensors that hold the weight's codes, table, constants and offsets.</summary>
    public IEnumerable<string> PartNames => Parts.Select(part => part.Name);

    internal int Length => Rows * Columns;

    internal QuantizedTensorParts Parts { get; }

    /// <summary>Name, shape and scheme, for people.</summary>
    public override string ToString() => $"{Name} [{Rows}, {Columns}] {Scheme}";
}
