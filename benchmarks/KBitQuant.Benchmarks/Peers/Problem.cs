using System.Numerics.Tensors;
using KBitQuant.Compute;

namespace KBitQuant.Benchmarks.Peers;

/// <summary>The weight [N, K] that all quantize and the inputs that all multiply by it.</summary>
internal sealed class Problem
{
    /// <summary>Inputs repeat after these rows, so that few reference rows check every output.</summary>
    private const int DistinctRows = 8;

    private readonly float[] _rows;

    public Problem(int n, int k)
    {
        (N, K) = (n, k);
        Weight = BenchmarkData.Normal(n * k, 1);
        _rows = BenchmarkData.Normal(DistinctRows * k, 2);
    }

    public int N { get; }

    public int K { get; }

    public float[] Weight { get; }

    /// <summary>[M, K] inputs.</summary>
    public float[] Inputs(int m)
    {
        var inputs = new float[m * K];
        for (int start = 0; start < inputs.Length; start += _rows.Length)
            _rows.AsSpan(0, Math.Min(_rows.Length, inputs.Length - start)).CopyTo(inputs.AsSpan(start));
        return inputs;
    }

    /// <summary>The distinct output rows of a dequantized weight, summed in double.</summary>
    public double[] Reference(float[] dequantized)
    {
        var inputs = new double[_rows.Length];
        TensorPrimitives.ConvertTruncating<float, double>(_rows, inputs);
        var outputs = new double[DistinctRows * N];
        Parallel.For(0, N, () => new double[K], (n, _, row) =>
        {
            TensorPrimitives.ConvertTruncating<float, double>(dequantized.AsSpan(n * K, K), row);
            for (int i = 0; i < DistinctRows; i++)
                outputs[(i * N) + n] = TensorPrimitives.Dot<double>(inputs.AsSpan(i * K, K), row);
            return row;
        }, _ => { });
        return outputs;
    }

    /// <summary>The norm of the error of [M, N] outputs, relative to that of the reference.</summary>
    public static double RelativeError(ReadOnlySpan<float> outputs, double[] reference)
    {
        double error = 0, norm = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            double expected = reference[i % reference.Length];
            error += (outputs[i] - expected) * (outputs[i] - expected);
            norm += expected * expected;
        }

        return Math.Sqrt(error / norm);
    }

    /// <summary>
    /// The largest relative error of a right answer. Exact: inputs rounded to 16 bits (2^-11 each) and K sums in float. With 8-bit
    /// inputs: each rounded by at most absmax / 254, and tables rounded to 7 bits, each weight by at most absmax / 126. The errors
    /// of independent elements add up as their products do, so that relative to the outputs they are what they are to the inputs.
    /// </summary>
    public double ErrorLimit(ActivationPrecision activations)
    {
        double exact = Math.Pow(2, -11) + (K * Math.Pow(2, -24));
        return activations == ActivationPrecision.Exact ? exact : exact + (PeakRatio(_rows) / 254) + (PeakRatio(Weight) / 126);
    }

    /// <summary>The largest magnitude over the root mean square.</summary>
    private static double PeakRatio(float[] values) =>
        Math.Abs(TensorPrimitives.MaxMagnitude<float>(values)) * Math.Sqrt(values.Length) / TensorPrimitives.Norm<float>(values);
}
