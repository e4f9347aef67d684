using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Decoder;
using KBitQuant.Compute.Gpu.Decoder.Activations;
using KBitQuant.Compute.Gpu.Decoder.Dense;
using KBitQuant.Compute.Gpu.Decoder.Logits;
using KBitQuant.Compute.Gpu.Decoder.Norms;
using KBitQuant.Numerics;
using Half = System.Half;

namespace KBitQuant.Tests.Compute.Gpu.Decoder;

/// <summary>Each kernel of the decoder against its formula in double.</summary>
public class DecoderKernelTests
{
    public static TheoryData<string> Devices => DecoderDevice.Names;

    [Theory]
    [MemberData(nameof(Devices))]
    public void NormsAddWhatWasLeftAndNormalize(string name)
    {
        GpuDevice device = DecoderDevice.Get(name);
        foreach ((int columns, int deltas, bool isCentered) in new[] { (1, 1, false), (7, 0, true), (64, 2, true), (65, 1, false), (72, 2, false), (130, 2, false), (2104, 1, false) })
        {
            const int Rows = 3;
            float[] residual = DecoderDevice.Values(1, Rows * columns, 4), first = DecoderDevice.Values(2, Rows * columns), second = DecoderDevice.Values(3, Rows * columns);
            float[] weight = DecoderDevice.Values(4, columns), bias = isCentered ? DecoderDevice.Values(5, columns) : [];
            using var norm = new GpuNorm(device, weight, bias, 1e-5f, isCentered);
            using GpuTensor<float> stream = device.Upload<float>(residual);
            using GpuTensor<Half> firstDelta = DecoderDevice.Halves(device, first), secondDelta = DecoderDevice.Halves(device, second), y = device.Allocate<Half>(2 * columns);
            using (device.Enter())
                norm.Apply(stream, deltas > 0 ? firstDelta : null, deltas > 1 ? secondDelta : null, 1, 2, y);

            double[] sum = [.. Enumerable.Range(0, 2 * columns).Select(i => residual[columns + i]
                + (deltas > 0 ? (double)first[columns + i] : 0) + (deltas > 1 ? second[columns + i] : 0))];
            double[] expected = [.. Enumerable.Range(0, 2).SelectMany(row => Normalize(sum[(row * columns)..((row + 1) * columns)], weight, bias))];
            // A sum of as many terms, twice; values and the mean they are taken from are up to 6, over a deviation of about 1.
            DecoderDevice.AssertHalves(expected, DecoderDevice.Read(y), 8 * (columns + 6));
            DecoderDevice.AssertClose(sum, DecoderDevice.Read(stream)[columns..], i => 2 * Math.Abs(sum[i]) * DecoderDevice.SingleRoundoff + 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void DenseProductsAreRight(string name)
    {
        GpuDevice device = DecoderDevice.Get(name);
        (int, int, int)[] shapes = [(1, 1, 1), (1, 9, 70), (4, 6, 33), (5, 3, 17), (9, 13, 40), (70, 9, 16)];
        // Of tensor cores; emulated GPUs take the shapes above in the same way.
        (int, int, int)[] largerShapes = [(1, 35, 2056), (8, 16, 1024), (16, 40, 136), (17, 136, 72), (129, 264, 200), (300, 128, 640)];
        foreach ((int m, int n, int k) in device.Cuda is null ? shapes : [.. shapes, .. largerShapes])
        {
            CheckDense<Half>(device, m, n, k, value => (Half)value);
            CheckDense<BFloat16>(device, m, n, k, value => (BFloat16)value);
            CheckDense<float>(device, m, n, k, value => value);
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void EmbeddingsAreGathered(string name)
    {
        GpuDevice device = DecoderDevice.Get(name);
        float[] table = DecoderDevice.Values(1, 5 * 7);
        using GpuDense dense = GpuDense.Create<Half>(device, [.. table.Select(value => (Half)value)], 5, 7);
        using var step = new GpuStep(device, 4);
        using GpuTensor<float> rows = device.Allocate<float>(3 * 7);
        using (device.Enter())
        {
            step.Upload(9, [4, 0, 4]);
            dense.Gather(step, 3, rows);
        }

        Assert.Equal([.. table[28..], .. table[..7], .. table[28..]], DecoderDevice.Read(rows));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void ActivationsFollowTheirFormulas(string name)
    {
        GpuDevice device = DecoderDevice.Get(name);
        // The second number is one for eight elements at a time.
        foreach (int columns in new[] { 517, 520 })
            CheckActivations(device, columns);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void TheLargestLogitIsFoundTheFirstOfSeveral(string name)
    {
        GpuDevice device = DecoderDevice.Get(name);
        using var argMax = new GpuArgMax(device);
        foreach (int length in new[] { 1, 2, 3, 100, 1030 })
        {
            float[] values = DecoderDevice.Values(length, length);
            values[length / 2] = values[^1] = 2;
            using GpuTensor<float> tensor = device.Upload<float>(values);
            using GpuDevice.Call call = device.Enter();
            Assert.Equal(length / 2, argMax.Of(tensor, length));
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void MoreLogitsThanOneGroupAddsUpAreRefused(string name)
    {
        const int tooMany = (1 << 22) + 1;
        GpuDevice device = DecoderDevice.Get(name);
        using var argMax = new GpuArgMax(device);
        using GpuTensor<float> tensor = device.Allocate<float>(tooMany);
        using GpuDevice.Call call = device.Enter();
        Assert.Contains("4194305", Assert.Throws<NotSupportedException>(() => argMax.Of(tensor, tooMany)).Message);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void HalvesAreWidened(string name)
    {
        GpuDevice device = DecoderDevice.Get(name);
        float[] values = DecoderDevice.Values(1, 1030);
        using GpuTensor<Half> halves = DecoderDevice.Halves(device, values);
        using GpuTensor<float> singles = device.Allocate<float>(values.Length);
        using (device.Enter())
            WidenKernel.Widen(device, halves, values.Length, singles);
        Assert.Equal(values, DecoderDevice.Read(singles));
    }

    private static void CheckActivations(GpuDevice device, int columns)
    {
        const int Rows = 2;
        float[] up = DecoderDevice.Values(1, Rows * columns, 6), gate = DecoderDevice.Values(2, Rows * columns, 6);
        float[] joined = [.. gate.Zip(up, (first, second) => new[] { first, second }).SelectMany(pair => pair)];
        using GpuTensor<Half> ups = DecoderDevice.Halves(device, up), gates = DecoderDevice.Halves(device, gate), both = DecoderDevice.Halves(device, joined), y = device.Allocate<Half>(up.Length);
        foreach (ActivationKind kind in Enum.GetValues<ActivationKind>())
        {
            double[] gated = [.. up.Zip(gate, (value, gateValue) => value * Activate(kind, gateValue))];
            void Check(double[] expected, Action run)
            {
                using (device.Enter())
                    run();
                // The exponential is right to |x| + 2 units, which for x^2 / 2 is 20; GELU's q to 1.5e-7, times x and what it gates.
                DecoderDevice.AssertClose(expected, DecoderDevice.Read(y), i => (Math.Abs(expected[i]) * (DecoderDevice.HalfRoundoff + (40 * DecoderDevice.SingleRoundoff))) + (36 * 1.5e-7) + DecoderDevice.HalfUnderflow);
            }

            Check([.. up.Select(value => Activate(kind, value))], () => GpuActivation.Apply(device, kind, ups, Rows, columns, y));
            Check(gated, () => GpuActivation.Apply(device, kind, gates, ups, Rows, columns, y));
            Check(gated, () => GpuActivation.ApplyInterleaved(device, kind, both, Rows, columns, y));
        }
    }

    private static void CheckDense<T>(GpuDevice device, int m, int n, int k, Func<float, T> convert)
        where T : unmanaged
    {
        // Eighths and quarters: every element type holds them, and float every sum.
        float[] x = [.. Enumerable.Range(0, m * k).Select(i => ((i * 5 % 17) - 8) / 8f)];
        float[] weight = [.. Enumerable.Range(0, n * k).Select(i => ((i * 7 % 13) - 6) / 4f)];
        float[] bias = [.. Enumerable.Range(0, n).Select(i => i / 2f)];
        double[] products = [.. from row in Enumerable.Range(0, m) from column in Enumerable.Range(0, n) select Dot(x, row * k, weight, column * k, k)];
        using GpuDense dense = GpuDense.Create<T>(device, [.. weight.Select(convert)], n, k);
        using GpuTensor<Half> input = DecoderDevice.Halves(device, x), halves = device.Allocate<Half>(m * n);
        using GpuTensor<float> singles = device.Allocate<float>(m * n), biases = device.Upload<float>(bias);
        using (device.Enter())
        {
            dense.MatMul(input, m, halves, biases);
            dense.MatMul(input, m, singles);
        }

        Assert.Equal(products.Select(value => (float)value), DecoderDevice.Read(singles));
        Assert.Equal(products.Select((value, i) => (float)(Half)(value + bias[i % n])), DecoderDevice.Read(halves));
    }

    private static double Dot(float[] a, int aStart, float[] b, int bStart, int length) =>
        Enumerable.Range(0, length).Sum(i => (double)a[aStart + i] * b[bStart + i]);

    private static IEnumerable<double> Normalize(double[] values, float[] weight, float[] bias)
    {
        double mean = bias.Length > 0 ? values.Average() : 0;
        double scale = 1 / Math.Sqrt(values.Average(value => (value - mean) * (value - mean)) + 1e-5f);
        return values.Select((value, i) => ((value - mean) * scale * weight[i]) + (bias.Length > 0 ? bias[i] : 0));
    }

    private static double Activate(ActivationKind kind, double x) => kind switch
    {
        ActivationKind.Silu => x / (1 + Math.Exp(-x)),
        ActivationKind.GeluByTanh => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
        _ => x * NormalDistribution(x),
    };

    /// <summary>The integral of the density up to x, by Simpson's rule.</summary>
    private static double NormalDistribution(double x)
    {
        const int Steps = 2000;
        double width = x / Steps;
        double Density(double t) => Math.Exp(-t * t / 2) / Math.Sqrt(2 * Math.PI);
        return 0.5 + (Enumerable.Range(0, Steps).Sum(i => Density(i * width) + (4 * Density((i + 0.5) * width)) + Density((i + 1) * width)) * width / 6);
    }
}
