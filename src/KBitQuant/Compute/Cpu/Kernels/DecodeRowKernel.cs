using System.Buffers;
using System.Numerics.Tensors;
using KBitQuant.Quantization;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels;

/// <summary>
/// Decodes one weight row at a time into the L1 cache and multiplies it with every input row. Takes every table, block size and
/// offset; the canonical packing is its layout.
/// </summary>
internal sealed class DecodeRowKernel : MatMulKernel<CpuDevice>
{
    private const string Id = "decode-row";

    /// <summary>Weights in one part of the work: enough to outweigh claiming it.</summary>
    private const int WeightsPerPart = 1 << 15;

    public override string Name => Id;

    public override string? ReasonToRefuse(QuantizationScheme scheme, int rows, int columns) => null;

    public override PreparedWeight Prepare(CpuDevice device, QuantizedTensor weight) => new Weight(device.Workers, weight);

    private sealed class Weight : CpuPreparedWeight
    {
        private readonly Workers _workers;
        private readonly QuantizedTensor _tensor;
        private readonly float[] _constants;
        private readonly float[] _offsets;

        public Weight(Workers workers, QuantizedTensor tensor)
            : base(tensor.Rows, tensor.Columns, Id)
        {
            _workers = workers;
            _tensor = tensor;
            _constants = new float[tensor.BlockCount];
            _offsets = new float[tensor.HasOffsets ? tensor.BlockCount : 0];
            tensor.DecodeConstants(_constants);
            if (tensor.HasOffsets)
                tensor.DecodeOffsets(_offsets);
        }

        public override long ByteLength => _tensor.Codes.Length + (sizeof(float) * ((long)_constants.Length + _offsets.Length));

        protected override unsafe void MatMul(ReadOnlySpan<float> x, int m, Span<float> y, ReadOnlySpan<float> bias)
        {
            int rowsPerPart = Math.Clamp(WeightsPerPart / Math.Max(Columns, 1), 1, Rows);
            fixed (float* xPointer = x)
            fixed (float* yPointer = y)
            fixed (float* biasPointer = bias)
            fixed (byte* codes = _tensor.Codes)
            fixed (float* constants = _constants)
            fixed (float* offsets = _offsets)
            {
                var decoder = new BlockDecoder(_tensor.Scheme, _tensor.Length, codes, constants, offsets);
                RowsJob.Run(_workers, decoder, new RowsJob.Shape(m, Rows, Columns, rowsPerPart), xPointer, yPointer, biasPointer);
            }
        }
    }

    /// <summary>A part is a range of weight rows.</summary>
    private sealed unsafe class RowsJob : ParallelJob
    {
        [ThreadStatic]
        private static RowsJob? _cached;

        private BlockDecoder _decoder;
        private Shape _shape;
        private float* _x;
        private float* _y;
        private float* _bias;

        public static void Run(Workers workers, BlockDecoder decoder, Shape shape, float* x, float* y, float* bias)
        {
            RowsJob job = _cached ??= new();
            job._decoder = decoder;
            job._shape = shape;
            job._x = x;
            job._y = y;
            job._bias = bias;
            workers.Run(job, (shape.N + shape.RowsPerPart - 1) / shape.RowsPerPart);
        }

        public override void RunPart(int part)
        {
            (int m, int n, int k, int rowsPerPart) = _shape;
            float[] buffer = ArrayPool<float>.Shared.Rent(k);
            Span<float> row = buffer.AsSpan(0, k);
            for (int j = part * rowsPerPart; j < Math.Min((part + 1L) * rowsPerPart, n); j++)
            {
                _decoder.Decode(j * k, row);
                float start = _bias is null ? 0 : _bias[j];
                for (int i = 0; i < m; i++)
                    _y[((long)i * n) + j] = start + TensorPrimitives.Dot(new ReadOnlySpan<float>(_x + ((long)i * k), k), row);
            }

            ArrayPool<float>.Shared.Return(buffer);
        }

        public readonly record struct Shape(int M, int N, int K, int RowsPerPart);
    }
}
