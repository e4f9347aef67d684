using KBitQuant.Compute;
using KBitQuant.Packing;

namespace KBitQuant.Benchmarks.Peers.OnnxRuntime;

/// <summary><c>MatMulNBits</c>: w = scale * (code - 2^(bits-1)), a scale for each block of a row, codes lowest bits first.</summary>
internal sealed class MatMulNBitsFormat(int bits, int blockSize, ActivationPrecision activations)
    : PeerFormat($"MatMulNBits {bits} bits b{blockSize} accuracy_level {AccuracyLevel(activations)}", bits, activations)
{
    public override PeerWeight Quantize(Problem problem)
    {
        int blocks = problem.N * problem.K / blockSize;
        var scales = new float[blocks];
        var codes = new byte[problem.N * problem.K];
        Parallel.For(0, blocks, block =>
        {
            int start = block * blockSize;
            scales[block] = QuantizeBlock(problem.Weight.AsSpan(start, blockSize), codes.AsSpan(start, blockSize));
        });
        var packed = new byte[BitPacking.PackedLength(codes.Length, Bits)];
        BitPacking.Pack(codes, Bits, packed);
        int rowBlocks = problem.K / blockSize;
        return new OnnxWeight(problem, destination => Dequantize(packed, scales, destination))
        {
            Operator = "MatMulNBits",
            Attributes = [("bits", Bits), ("block_size", blockSize), ("accuracy_level", AccuracyLevel(Activations))],
            Codes = packed,
            CodeShape = [problem.N, rowBlocks, blockSize * Bits / 8],
            Scales = scales,
            ScaleShape = [problem.N, rowBlocks],
        };
    }

    /// <summary>1: inputs in float, as 0, the default; 4: inputs rounded to 8 bits.</summary>
    private static int AccuracyLevel(ActivationPrecision activations) => activations == ActivationPrecision.Exact ? 1 : 4;

    /// <summary>The element of largest magnitude takes code 0, whose value is furthest from zero.</summary>
    private float QuantizeBlock(ReadOnlySpan<float> values, Span<byte> codes)
    {
        int zero = 1 << (Bits - 1);
        float peak = 0;
        foreach (float value in values)
            peak = MathF.Abs(value) > MathF.Abs(peak) ? value : peak;
        float scale = -peak / zero;
        for (int i = 0; i < values.Length; i++)
            codes[i] = (byte)Math.Clamp((scale == 0 ? 0 : MathF.Round(values[i] / scale)) + zero, 0, (2 * zero) - 1);
        return scale;
    }

    private void Dequantize(byte[] packed, float[] scales, float[] destination)
    {
        var codes = new byte[destination.Length];
        BitPacking.Unpack(packed, Bits, codes);
        for (int i = 0; i < codes.Length; i++)
            destination[i] = scales[i / blockSize] * (codes[i] - (1 << (Bits - 1)));
    }
}
