using KBitQuant.Compute.Gpu;
using Half = System.Half;

namespace KBitQuant.Tests.Compute.Gpu.Decoder;

/// <summary>Brings test data to a device and back.</summary>
internal static class DecoderDevice
{
    /// <summary>u of halves.</summary>
    public const double HalfRoundoff = 1.0 / (1 << 11);

    /// <summary>u of floats.</summary>
    public const double SingleRoundoff = 1.0 / (1 << 24);

    /// <summary>Half the smallest half: what rounding to halves changes where there are no more bits.</summary>
    public const double HalfUnderflow = 1.0 / (1 << 25);

    public static TheoryData<string> Names => new(TestDevices.Gpus);

    public static GpuDevice Get(string name) => (GpuDevice)TestDevices.Get(name);

    /// <summary>Random values within -scale and scale that are halves.</summary>
    public static float[] Values(int seed, int length, float scale = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)(Half)(scale * ((2 * random.NextSingle()) - 1)))];
    }

    public static GpuTensor<Half> Halves(GpuDevice device, float[] values) => device.Upload<Half>([.. values.Select(value => (Half)value)]);

    public static float[] Read(GpuTensor<Half> tensor)
    {
        var values = new Half[tensor.Length];
        tensor.CopyTo(values);
        return [.. values.Select(value => (float)value)];
    }

    public static float[] Read(GpuTensor<float> tensor)
    {
        var values = new float[tensor.Length];
        tensor.CopyTo(values);
        return values;
    }

    /// <summary>That each value is right to within a relative and an absolute error of its own.</summary>
    public static void AssertClose(double[] expected, float[] actual, Func<int, double> tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance(i), $"{i}: {actual[i]} is not {expected[i]} to within {tolerance(i)}");
    }

    /// <summary>That halves are rounded from values to within some units of floats.</summary>
    public static void AssertHalves(double[] expected, float[] actual, double singleRoundings) => AssertClose(
        expected, actual, i => (Math.Abs(expected[i]) * (HalfRoundoff + (singleRoundings * SingleRoundoff))) + (singleRoundings * SingleRoundoff) + HalfUnderflow);
}
