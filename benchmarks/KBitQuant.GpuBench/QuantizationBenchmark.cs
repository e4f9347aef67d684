using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Numerics;
using KBitQuant.Quantization;

namespace KBitQuant.GpuBench;

/// <summary>Times quantizing and dequantizing within the memory of a GPU of CUDA. Graphs that go through several tensors, more than
/// the cache holds, are replayed, and the median counts; codes, constants and values are compared with the processor's first.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class QuantizationBenchmark
{
    /// <summary>Bytes of elements between two uses of one: several times any cache.</summary>
    private const long RotationBytes = 512L << 20;

    private const int Replays = 15;

    private readonly GpuDevice _device;
    private readonly Lazy<double> _copyGigabytesPerSecond;

    /// <summary>Takes a device.</summary>
    /// <param name="device">A GPU of CUDA.</param>
    /// <exception cref="NotSupportedException">The device is another one.</exception>
    public QuantizationBenchmark(GpuDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        _device = device;
        if (device.Cuda is null)
            throw new NotSupportedException($"Kernels are timed with graphs of CUDA, which {device.Name} lacks.");
        _copyGigabytesPerSecond = new(MeasureCopy);
    }

    /// <summary>Gigabytes (10^9 bytes) a second that the device reads and writes at most when it copies; measured when it is first
    /// asked for.</summary>
    public double CopyGigabytesPerSecond => _copyGigabytesPerSecond.Value;

    /// <summary>Times both directions.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="scheme">How; without nested constants, which are quantized on the host.</param>
    /// <returns>Quantizing, and dequantizing to the same element type.</returns>
    /// <exception cref="InvalidOperationException">A code, a constant or a value differs from the processor's.</exception>
    public (QuantizationTiming Quantize, QuantizationTiming Dequantize) Time<T>(int rows, int columns, QuantizationScheme scheme)
        where T : unmanaged
    {
        long bytes = (long)rows * columns * Unsafe.SizeOf<T>();
        int copies = (int)Math.Max(2, (RotationBytes / bytes) + 1);
        var values = new List<GpuTensor<T>>();
        var tensors = new List<GpuQuantizedTensor>();
        try
        {
            T[] source = Values<T>(rows * columns);
            for (int i = 0; i < copies; i++)
            {
                values.Add(_device.Allocate<T>(source.Length));
                values[i].CopyFrom(source);
                tensors.Add(_device.Quantize(values[i], rows, columns, scheme));
            }

            QuantizedTensor expected = Check(source, tensors[^1], values[^1]);
            // A block's worth of codes is written, not the room for it.
            long moved = bytes + expected.ByteLength;
            double quantize = Replay(copies, i => _device.Quantize(values[i], tensors[i]));
            double dequantize = Replay(copies, i => _device.Dequantize(tensors[i], values[i]));
            return (new(quantize, moved / quantize / 1e3), new(dequantize, moved / dequantize / 1e3));
        }
        finally
        {
            values.ForEach(tensor => tensor.Dispose());
            tensors.ForEach(tensor => tensor.Dispose());
        }
    }

    private QuantizedTensor Check<T>(T[] source, GpuQuantizedTensor tensor, GpuTensor<T> values)
        where T : unmanaged
    {
        QuantizedTensor expected = BlockwiseQuantizer.Quantize<T>(source, tensor.Rows, tensor.Columns, tensor.Scheme);
        QuantizedTensor actual = tensor.ToTensor();
        ThrowUnless(expected.Codes.SequenceEqual(actual.Codes), "codes", expected);
        ThrowUnless(expected.Constants.SequenceEqual(actual.Constants) && expected.Offsets.SequenceEqual(actual.Offsets), "constants", expected);
        var expectedValues = new T[source.Length];
        var actualValues = new T[source.Length];
        BlockwiseQuantizer.Dequantize<T>(expected, expectedValues);
        _device.Dequantize(tensor, values);
        values.CopyTo(actualValues);
        ThrowUnless(expectedValues.AsSpan().SequenceEqual(actualValues), "values", expected);
        return expected;
    }

    private static void ThrowUnless(bool areSame, string what, QuantizedTensor tensor)
    {
        if (!areSame)
            throw new InvalidOperationException($"The {what} of {tensor} differ from the processor's.");
    }

    private double Replay(int count, Action<int> work)
    {
        using GpuDevice.Call call = _device.Enter();
        using var graph = new CudaGraph(_device.Cuda!.Stream, () =>
        {
            for (int i = 0; i < count; i++)
                work(i);
        });
        using var stopwatch = new CudaStopwatch(_device.Cuda.Stream);
        return stopwatch.Median(Replays, graph.Launch) / count;
    }

    /// <summary>The driver's own copy.</summary>
    private double MeasureCopy()
    {
        const long Bytes = 1L << 30;
        using GpuDevice.Call call = _device.Enter();
        using MemoryBuffer1D<byte, Stride1D.Dense> buffer = _device.Accelerator.Allocate1D<byte>(2 * Bytes);
        // Random bits draw the power that real data does.
        var random = new byte[1 << 24];
        new Random(1).NextBytes(random);
        for (long at = 0; at < Bytes; at += random.Length)
            buffer.View.SubView(at, random.Length).CopyFromCPU(_device.Stream, random);
        using var stopwatch = new CudaStopwatch(_device.Cuda!.Stream);
        return 2 * Bytes / stopwatch.Median(Replays, () => buffer.View.SubView(0, Bytes).CopyTo(_device.Stream, buffer.View.SubView(Bytes, Bytes))) / 1e3;
    }

    /// <summary>Normally distributed values, a run of them again and again.</summary>
    private static T[] Values<T>(int length)
        where T : unmanaged
    {
        const int Run = 1_000_003;
        var random = new Random(2);
        var run = new float[Math.Min(Run, length)];
        for (int i = 0; i < run.Length; i++)
            run[i] = 0.02f * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        var first = new T[run.Length];
        Elements.FromSingle<T>(run, first);
        var values = new T[length];
        for (int start = 0; start < length; start += Run)
            first.AsSpan(0, Math.Min(Run, length - start)).CopyTo(values.AsSpan(start));
        return values;
    }
}
