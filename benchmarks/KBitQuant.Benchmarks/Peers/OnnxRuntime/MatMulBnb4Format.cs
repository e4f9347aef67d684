using KBitQuant.Compute;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Benchmarks.Peers.OnnxRuntime;

/// <summary><c>MatMulBnb4</c> with NF4: bitsandbytes' packing, the first code of a byte in its high half.</summary>
internal sealed class MatMulBnb4Format() : PeerFormat($"MatMulBnb4 NF4 b{BlockSize}", 4, ActivationPrecision.Exact)
{
    private const int BlockSize = 64;
    private const int Nf4 = 1;

    public override PeerWeight Quantize(Problem problem)
    {
        var scheme = new QuantizationScheme(DataTypeCatalog.Get("nf4"), BlockSize) { Constants = ConstantFormat.Float32 };
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(problem.Weight, problem.N, problem.K, scheme);
        var constants = new float[tensor.BlockCount];
        tensor.DecodeConstants(constants);
        return new OnnxWeight(problem, destination => BlockwiseQuantizer.Dequantize<float>(tensor, destination))
        {
            Operator = "MatMulBnb4",
            Attributes = [("block_size", BlockSize), ("quant_type", Nf4)],
            Codes = [.. tensor.Codes.ToArray().Select(pair => byte.RotateLeft(pair, 4))],
            CodeShape = [tensor.Codes.Length],
            Scales = constants,
            ScaleShape = [constants.Length],
        };
    }
}
