using System.Collections;
using System.Runtime.InteropServices;
using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>
/// The tensors of the quantized layout that stand for one weight, as its scheme calls for them: the one place that says which
/// parts there are, and of what type and shape.
/// </summary>
internal sealed class QuantizedTensorParts : IEnumerable<QuantizedTensorPart>
{
    private const string CodesSuffix = ".codes";
    private const string CodebookSuffix = ".codebook";
    private const string ConstantsSuffix = ".constants";
    private const string NestedCodesSuffix = ".constants.codes";
    private const string OuterSuffix = ".constants.outer";
    private const string MeanSuffix = ".constants.mean";
    private const string OffsetsSuffix = ".offsets";

    private static readonly string[] Suffixes =
        [CodesSuffix, CodebookSuffix, ConstantsSuffix, NestedCodesSuffix, OuterSuffix, MeanSuffix, OffsetsSuffix];

    private readonly List<QuantizedTensorPart> _parts = [];

    /// <summary>The parts of a weight.</summary>
    /// <param name="name">The weight's name.</param>
    /// <param name="length">Its elements.</param>
    /// <param name="scheme">Its scheme.</param>
    public QuantizedTensorParts(string name, int length, QuantizationScheme scheme)
    {
        int blocks = scheme.BlockCount(length);
        SafetensorsDType constants = DTypeOf(scheme.Constants);
        int codeBytes = BitPacking.PackedLength(length, scheme.DataType.Bits);
        Codes = Add(name + CodesSuffix, SafetensorsDType.U8, [codeBytes], tensor => tensor.Codes);
        Add(
            CodebookName(name),
            SafetensorsDType.F32,
            [scheme.DataType.Codebook.Length],
            tensor => MemoryMarshal.AsBytes(tensor.Scheme.DataType.Codebook));
        if (scheme.Nested)
        {
            long outer = (blocks + (long)NestedConstants.BlockSize - 1) / NestedConstants.BlockSize;
            NestedCodes = Add(name + NestedCodesSuffix, SafetensorsDType.U8, [blocks], tensor => tensor.Nested!.Codes);
            Outer = Add(name + OuterSuffix, SafetensorsDType.F32, [outer], tensor => MemoryMarshal.AsBytes(tensor.Nested!.Outer));
            Mean = Add(name + MeanSuffix, SafetensorsDType.F32, [], tensor => BitConverter.GetBytes(tensor.Nested!.Mean));
        }
        else
            Constants = Add(name + ConstantsSuffix, constants, [blocks], tensor => tensor.Constants);

        if (scheme.Offset != BlockOffset.None)
            Offsets = Add(name + OffsetsSuffix, constants, [blocks], tensor => tensor.Offsets);
    }

    public QuantizedTensorPart Codes { get; }

    public QuantizedTensorPart? Constants { get; }

    public QuantizedTensorPart? NestedCodes { get; }

    public QuantizedTensorPart? Outer { get; }

    public QuantizedTensorPart? Mean { get; }

    public QuantizedTensorPart? Offsets { get; }

    /// <summary>The name of the tensor that holds a weight's table.</summary>
    public static string CodebookName(string name) => name + CodebookSuffix;

    /// <summary>The name of every part that any scheme may have.</summary>
    public static IEnumerable<string> AllNames(string name) => Suffixes.Select(suffix => name + suffix);

    public IEnumerator<QuantizedTensorPart> GetEnumerator() => _parts.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static SafetensorsDType DTypeOf(ConstantFormat format) =>
        format == ConstantFormat.Float32 ? SafetensorsDType.F32
        : format == ConstantFormat.Float16 ? SafetensorsDType.F16
        : format == ConstantFormat.BFloat16 ? SafetensorsDType.BF16
        : throw new ArgumentException($"The layout has no element type for constants in {format}.", nameof(format));

    private QuantizedTensorPart Add(string name, SafetensorsDType dtype, long[] shape, QuantizedTensorPart.Bytes bytesOf)
    {
        QuantizedTensorPart part = new(name, dtype, shape, bytesOf);
        _parts.Add(part);
        return part;
    }
}
