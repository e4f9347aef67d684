using System.Buffers;
using System.Numerics.Tensors;
using KBitQuant.Packing;
using KBitQuant.Quantization;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Benchmarking;

/// <summary>The products of a weight with some input rows, in double, and how far a right kernel may be from them.</summary>
/// <remarks>
/// The bound is that of the conformance tests. With u = 2^-24, a product x * w on its way to y meets at most K + 4 roundings to float, in
/// whatever order sums are taken: together at most (n u / (1 - n u)) * S, n = K + 4, S = sum of |x| (|constant * entry| + |offset|). To that
/// the table's own roundoff is added, the half steps of inputs and tables that are rounded to 8 bits
/// (<see cref="ActivationPrecision.Int8"/>), and the rounding of the output.
/// </remarks>
internal sealed class ExpectedOutputs
{
    /// <summary>Inputs that <see cref="ActivationPrecision.Int8"/> rounds by one step.</summary>
    private const int InputBlock = 64;

    private readonly QuantizedTensor _tensor;
    private readonly InputRow[] _rows;
    private readonly double[] _outputs;
    private readonly double[] _magnitudes;
    private readonly double[] _int8Errors;

    /// <param name="tensor">The weight.</param>
    /// <param name="inputs">Distinct input rows.</param>
    public ExpectedOutputs(QuantizedTensor tensor, float[] inputs)
    {
        _tensor = tensor;
        _rows = [.. inputs.Chunk(tensor.Columns).Select(row => new InputRow(row))];
        _outputs = new double[checked(_rows.Length * tensor.Rows)];
        _magnitudes = new double[_outputs.Length];
        _int8Errors = new double[_outputs.Length];
        Workers.Default.Run(new RowJob(this), tensor.Rows);
    }

    /// <summary>Compares all outputs; input rows repeat.</summary>
    /// <param name="y">[M, N].</param>
    /// <param name="precision">The kernel's.</param>
    /// <param name="rounding">The outputs'.</param>
    /// <returns>The norm of the errors over the norm of the outputs.</returns>
    /// <exception cref="InvalidOperationException">An output is further off than roundings explain.</exception>
    public double Check(ReadOnlySpan<float> y, KernelPrecision precision, OutputRounding rounding)
    {
        double roundoff = (_tensor.Columns + 4) * Math.ScaleB(1, -24);
        roundoff /= 1 - roundoff;
        roundoff += precision.TableRoundoff * (1 + roundoff);
        double errors = 0, norm = 0;
        for (int i = 0; i < y.Length; i++)
        {
            int at = i % _outputs.Length;
            double expected = _outputs[at];
            double bound = roundoff * _magnitudes[at];
            if (precision.Activations == ActivationPrecision.Int8)
                bound += _int8Errors[at];
            bound += ((Math.Abs(expected) + bound) * rounding.Relative) + rounding.Absolute;
            double error = y[i] - expected;
            if (!(Math.Abs(error) <= bound))
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"output ({i / _tensor.Rows}, {i % _tensor.Rows}) is {y[i]}; it should be {expected}, to within {bound}"));
            }

            errors += error * error;
            norm += expected * expected;
        }

        return Math.Sqrt(errors / norm);
    }

    /// <summary>An input row in the forms that the bound takes.</summary>
    private sealed class InputRow
    {
        public InputRow(float[] row)
        {
            Values = [.. row.Select(value => (double)value)];
            Magnitudes = [.. row.Select(value => Math.Abs((double)value))];
            HalfSteps = new double[row.Length];
            for (int start = 0; start < row.Length; start += InputBlock)
            {
                int count = Math.Min(InputBlock, row.Length - start);
                // Half of absmax / 127, and the few roundings of the division.
                double halfStep = Magnitudes.AsSpan(start, count).ToArray().Max() / 254 * (1 + Math.ScaleB(1, -14));
                HalfSteps.AsSpan(start, count).Fill(halfStep);
            }

            Reach = [.. Magnitudes.Zip(HalfSteps, (magnitude, halfStep) => magnitude + halfStep)];
        }

        public double[] Values { get; }

        public double[] Magnitudes { get; }

        /// <summary>What rounding to 8 bits may change.</summary>
        public double[] HalfSteps { get; }

        /// <summary>The largest magnitudes after that.</summary>
        public double[] Reach { get; }
    }

    /// <summary>A part is a row of the weight.</summary>
    private sealed class RowJob : ParallelJob
    {
        private readonly ExpectedOutputs _expected;
        private readonly float[] _constants;
        private readonly float[] _offsets;
        private readonly double _halfTableStep;

        public RowJob(ExpectedOutputs expected)
        {
            _expected = expected;
            QuantizedTensor tensor = expected._tensor;
            _constants = new float[tensor.BlockCount];
            _offsets = new float[tensor.BlockCount];
            tensor.DecodeConstants(_constants);
            tensor.DecodeOffsets(_offsets);
            _halfTableStep = tensor.Scheme.DataType.IsUniform ? 0 : 0.5 / 63;
        }

        public override void RunPart(int part)
        {
            QuantizedTensor tensor = _expected._tensor;
            int columns = tensor.Columns;
            double[] buffer = ArrayPool<double>.Shared.Rent(3 * columns);
            Span<double> values = buffer.AsSpan(0, columns), magnitudes = buffer.AsSpan(columns, columns), scales = buffer.AsSpan(2 * columns, columns);
            Decode(part, values, magnitudes, scales);
            for (int i = 0; i < _expected._rows.Length; i++)
            {
                InputRow row = _expected._rows[i];
                int at = (i * tensor.Rows) + part;
                _expected._outputs[at] = TensorPrimitives.Dot<double>(row.Values, values);
                _expected._magnitudes[at] = TensorPrimitives.Dot<double>(row.Magnitudes, magnitudes);
                _expected._int8Errors[at] = TensorPrimitives.Dot<double>(row.HalfSteps, magnitudes)
                    + (_halfTableStep * TensorPrimitives.Dot<double>(row.Reach, scales));
            }

            ArrayPool<double>.Shared.Return(buffer);
        }

        /// <summary>A row's values, |constant * entry| + |offset|, and |constant|.</summary>
        private void Decode(int row, Span<double> values, Span<double> magnitudes, Span<double> scales)
        {
            QuantizedTensor tensor = _expected._tensor;
            long start = (long)row * tensor.Columns;
            int blockSize = tensor.Scheme.BlockSizeFor(tensor.Length);
            ReadOnlySpan<float> table = tensor.Scheme.DataType.Codebook;
            byte[] codes = ArrayPool<byte>.Shared.Rent(tensor.Columns);
            BitPacking.Unpack(tensor.Codes, tensor.Scheme.DataType.Bits, start, codes.AsSpan(0, tensor.Columns));
            for (int k = 0; k < values.Length; k++)
            {
                int block = (int)((start + k) / blockSize);
                double value = (double)_constants[block] * table[codes[k]];
                values[k] = value + _offsets[block];
                magnitudes[k] = Math.Abs(value) + Math.Abs(_offsets[block]);
                scales[k] = Math.Abs(_constants[block]);
            }

            ArrayPool<byte>.Shared.Return(codes);
        }
    }
}
