using KBitQuant.Packing;
using KBitQuant.Quantization;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels;

/// <summary>The plain definition, in double: what every other kernel is tested against. Takes everything.</summary>
internal sealed class ReferenceKernel : MatMulKernel<CpuDevice>
{
    public const string Id = "reference";

    public override string Name => Id;

    public override string? ReasonToRefuse(QuantizationScheme scheme, int rows, int columns) => null;

    public override PreparedWeight Prepare(CpuDevice device, QuantizedTensor weight) => new Weight(device.Workers, weight);

    private sealed class Weight(Workers workers, QuantizedTensor tensor) : CpuPreparedWeight(tensor.Rows, tensor.Columns, Id)
    {
        private readonly double[] _values = Decode(tensor);

        public override long ByteLength => _values.Length * (long)sizeof(double);

        protected override void MatMul(ReadOnlySpan<float> x, int m, Span<float> y, ReadOnlySpan<float> bias)
        {
            workers.ThrowIfDisposed();
            for (int i = 0; i < m; i++)
            {
                for (int n = 0; n < Rows; n++)
                {
                    double sum = bias.IsEmpty ? 0 : bias[n];
                    for (int k = 0; k < Columns; k++)
                        sum += x[(i * Columns) + k] * _values[(n * Columns) + k];
                    y[(i * Rows) + n] = (float)sum;
                }
            }
        }

        private static double[] Decode(QuantizedTensor tensor)
        {
            var constants = new float[tensor.BlockCount];
            var offsets = new float[tensor.BlockCount];
            tensor.DecodeConstants(constants);
            tensor.DecodeOffsets(offsets);
            var codes = new byte[tensor.Length];
            BitPacking.Unpack(tensor.Codes, tensor.Scheme.DataType.Bits, codes);
            int blockSize = tensor.Scheme.BlockSizeFor(tensor.Length);
            var values = new double[tensor.Length];
            for (int i = 0; i < values.Length; i++)
                values[i] = ((double)constants[i / blockSize] * tensor.Scheme.DataType.Codebook[codes[i]]) + offsets[i / blockSize];
            return values;
        }
    }
}
