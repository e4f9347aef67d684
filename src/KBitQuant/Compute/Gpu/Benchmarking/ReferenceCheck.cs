using KBitQuant.Numerics;
using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Benchmarking;

/// <summary>Compares outputs with products in double, for some rows of the weight.</summary>
internal static class ReferenceCheck
{
    private const int CheckedRows = 64;

    /// <summary>Checks every batch row against some weight rows spread over the weight.</summary>
    /// <param name="tensor">The weight.</param>
    /// <param name="x">Inputs.</param>
    /// <param name="y">Outputs, without bias.</param>
    /// <param name="tableRoundoff">How far the kernel rounds table entries.</param>
    /// <param name="outputRoundoff">How far outputs are rounded.</param>
    /// <returns>The relative error.</returns>
    /// <exception cref="InvalidOperationException">An output differs by more than its operations' roundings.</exception>
    public static double Check<T>(QuantizedTensor tensor, T[] x, T[] y, double tableRoundoff, double outputRoundoff)
        where T : unmanaged
    {
        var inputs = new float[x.Length];
        var outputs = new float[y.Length];
        Elements.ToSingle<T>(x, inputs);
        Elements.ToSingle<T>(y, outputs);
        var constants = new float[tensor.BlockCount];
        tensor.DecodeConstants(constants);
        var offsets = new float[tensor.BlockCount];
        tensor.DecodeOffsets(offsets);
        // As for the conformance tests: K + 4 roundings to float, one of the table, one of the output.
        double roundoff = ((tensor.Columns + 4) * Math.ScaleB(1, -24)) + tableRoundoff;
        double errors = 0;
        double norm = 0;
        var codes = new byte[tensor.Columns];
        for (int i = 0; i < Math.Min(CheckedRows, tensor.Rows); i++)
        {
            int row = (int)((long)i * 2654435761 % tensor.Rows);
            BitPacking.Unpack(tensor.Codes, tensor.Scheme.DataType.Bits, (long)row * tensor.Columns, codes);
            for (int m = 0; m < x.Length / tensor.Columns; m++)
            {
                (double expected, double magnitude) = Product(tensor, row, codes, constants, offsets, inputs.AsSpan(m * tensor.Columns, tensor.Columns));
                double actual = outputs[(m * tensor.Rows) + row];
                double bound = (roundoff * magnitude * (1 + outputRoundoff)) + (outputRoundoff * Math.Abs(expected)) + Math.ScaleB(1, -25);
                if (!(Math.Abs(actual - expected) <= bound))
                    throw new InvalidOperationException($"Output ({m}, {row}) of {tensor} is {actual}; it should be {expected}, to within {bound}.");
                errors += (actual - expected) * (actual - expected);
                norm += expected * expected;
            }
        }

        return Math.Sqrt(errors / norm);
    }

    private static (double Sum, double Magnitude) Product(
        QuantizedTensor tensor, int row, ReadOnlySpan<byte> codes, float[] constants, float[] offsets, ReadOnlySpan<float> x)
    {
        ReadOnlySpan<float> table = tensor.Scheme.DataType.Codebook;
        int blockSize = tensor.Scheme.BlockSizeFor(tensor.Length);
        double sum = 0;
        double magnitude = 0;
        for (int k = 0; k < x.Length; k++)
        {
            int block = ((row * tensor.Columns) + k) / blockSize;
            double value = (double)constants[block] * table[codes[k]];
            sum += (value + offsets[block]) * x[k];
            magnitude += (Math.Abs(value) + Math.Abs(offsets[block])) * Math.Abs(x[k]);
        }

        return (sum, magnitude);
    }
}
