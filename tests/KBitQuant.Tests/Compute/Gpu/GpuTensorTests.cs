using KBitQuant.Compute;
using KBitQuant.Compute.Gpu;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Compute.Gpu;

/// <summary>Values that stay on the device.</summary>
public class GpuTensorTests
{
    private const int Size = 24;

    private static readonly QuantizedTensor Tensor = BlockwiseQuantizer.Quantize<float>(
        [.. Enumerable.Range(0, Size * Size).Select(i => ((i * 7 % 16) - 8) / 8f)], Size, Size, new QuantizationScheme(DataTypeCatalog.Get("nf4")));

    [Fact]
    public void ProductsFollowOneAnotherOnTheDevice()
    {
        using GpuDevice device = GpuDevice.OpenEmulated();
        using PreparedWeight weight = device.Prepare(Tensor);
        float[] values = [.. Enumerable.Range(0, 2 * Size).Select(i => (i % 5) - 2f)];
        float[] bias = [.. Enumerable.Range(0, Size).Select(i => i / 4f)];
        using GpuTensor<float> x = device.Allocate<float>(values.Length);
        using GpuTensor<float> y = device.Allocate<float>(values.Length);
        using GpuTensor<float> onDevice = device.Allocate<float>(Size);
        x.CopyFrom(values);
        onDevice.CopyFrom(bias);
        device.MatMul(weight, x, 2, y, onDevice);
        device.MatMul(weight, y, 2, x);
        var actual = new float[values.Length];
        x.CopyTo(actual);

        var between = new float[values.Length];
        var expected = new float[values.Length];
        weight.MatMul<float>(values, 2, between, bias);
        weight.MatMul<float>(between, 2, expected);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        using GpuDevice device = GpuDevice.OpenEmulated();
        using GpuDevice other = GpuDevice.OpenEmulated();
        using PreparedWeight weight = device.Prepare(Tensor);
        using GpuTensor<float> one = device.Allocate<float>(Size);
        using GpuTensor<float> two = device.Allocate<float>(2 * Size);
        using GpuTensor<float> elsewhere = other.Allocate<float>(2 * Size);
        Assert.Throws<ArgumentException>(() => device.MatMul(weight, one, 2, two));
        Assert.Throws<ArgumentException>(() => device.MatMul(weight, two, 2, one));
        Assert.Throws<ArgumentException>(() => device.MatMul(weight, two, 2, elsewhere));
        Assert.Throws<ArgumentException>(() => other.MatMul(weight, elsewhere, 2, elsewhere));
        Assert.Throws<ArgumentException>(() => device.MatMul(weight, two, 2, two));
        Assert.Throws<ArgumentException>(() => device.MatMul(weight, one, 1, two, two));
        Assert.Throws<ArgumentException>(() => one.CopyFrom(new float[Size + 1]));
        Assert.Throws<ArgumentException>(() => one.CopyTo(new float[Size - 1]));
        Assert.Throws<NotSupportedException>(() => device.Allocate<int>(1));
        one.Dispose();
        Assert.Throws<ObjectDisposedException>(() => device.MatMul(weight, one, 1, two));
    }

    [Fact]
    public void LargeContentsArriveInPiecesWithProgress()
    {
        using GpuDevice device = GpuDevice.OpenEmulated();
        float[] values = [.. Enumerable.Range(0, (PinnedStaging.ChunkBytes / sizeof(float) * 3) + 5).Select(i => (float)i)];
        var progress = new RecordedProgress();

        using GpuTensor<float> tensor = device.Upload<float>(values, progress);
        var actual = new float[values.Length];
        tensor.CopyTo(actual);

        Assert.Equal(values, actual);
        Assert.Equal(4, progress.Values.Count);
        Assert.Equal(progress.Values.Order(), progress.Values);
        Assert.Equal(1, progress.Values[^1]);
    }
}
