using System.Diagnostics.CodeAnalysis;
using ILGPU;
using ILGPU.Runtime;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.Numerics;
using KBitQuant.Quantization;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Benchmarking;

/// <summary>Times products on a GPU of CUDA: a graph of many products is replayed, its weight taken in turn from enough copies that
/// the cache holds none, and the median counts. What was timed is checked first.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
public sealed class GpuBenchmark
{
    /// <summary>Bytes of copies between two uses of one: several times any cache.</summary>
    private const long RotationBytes = 256L << 20;

    private const int MaxCopies = 64;
    private const int ProductsPerReplay = 64;
    private const int Replays = 15;

    private readonly GpuDevice _device;
    private readonly Lazy<double> _readGigabytesPerSecond;

    /// <summary>Takes a device.</summary>
    /// <param name="device">A GPU of CUDA.</param>
    /// <exception cref="NotSupportedException">The device is another one.</exception>
    public GpuBenchmark(GpuDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        _device = device;
        if (device.Cuda is null)
            throw new NotSupportedException($"Kernels are timed with graphs of CUDA, which {device.Name} lacks.");
        _readGigabytesPerSecond = new(MeasureRead);
    }

    /// <summary>Gigabytes (10^9 bytes) a second that the device reads from its memory at most; measured when it is first asked for.</summary>
    public double ReadGigabytesPerSecond => _readGigabytesPerSecond.Value;

    /// <summary>Times a product.</summary>
    /// <typeparam name="T">Half, BFloat16 or float: inputs and outputs.</typeparam>
    /// <param name="cell">The product.</param>
    /// <param name="preference">Which kernel; null for the fastest.</param>
    /// <exception cref="InvalidOperationException">The product is wrong.</exception>
    public MatMulTiming Time<T>(MatMulCell cell, KernelPreference? preference = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(cell);
        QuantizedTensor tensor = RandomWeight.Make(cell, 1);
        int copies = (int)Math.Clamp((RotationBytes / tensor.ByteLength) + 1, 2, MaxCopies);
        var weights = new List<PreparedWeight>();
        try
        {
            for (int i = 0; i < copies; i++)
                weights.Add(_device.Prepare(tensor, preference));
            return Time<T>(cell, tensor, weights);
        }
        finally
        {
            weights.ForEach(weight => weight.Dispose());
        }
    }

    /// <summary>Computes a product once and checks it, without timing.</summary>
    /// <typeparam name="T">Half, BFloat16 or float: inputs and outputs.</typeparam>
    /// <param name="cell">The product.</param>
    /// <param name="preference">Which kernel; null for the fastest.</param>
    /// <returns>The norm of the checked outputs' errors over the norm of the outputs.</returns>
    /// <exception cref="InvalidOperationException">The product is wrong.</exception>
    public double Check<T>(MatMulCell cell, KernelPreference? preference = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(cell);
        QuantizedTensor tensor = RandomWeight.Make(cell, 1);
        using PreparedWeight weight = _device.Prepare(tensor, preference);
        using GpuTensor<T> x = _device.Allocate<T>(cell.BatchSize * cell.Columns);
        using GpuTensor<T> y = _device.Allocate<T>(cell.BatchSize * cell.Rows);
        return Check(cell, tensor, weight, x, y);
    }

    private double Check<T>(MatMulCell cell, QuantizedTensor tensor, PreparedWeight weight, GpuTensor<T> x, GpuTensor<T> y)
        where T : unmanaged
    {
        T[] inputs = Inputs<T>(x.Length);
        x.CopyFrom(inputs);
        var outputs = new T[y.Length];
        // Poison, so that an output that is not written is not right by chance.
        Array.Fill(outputs, inputs[0]);
        y.CopyFrom(outputs);
        _device.MatMul(weight, x, cell.BatchSize, y);
        y.CopyTo(outputs);
        GpuMatMulKernel kernel = GpuKernels.All.Single(kernel => kernel.Name == weight.KernelName);
        return ReferenceCheck.Check(tensor, inputs, outputs, kernel.TableRoundoff(typeof(T)), OutputRoundoff(typeof(T)));
    }

    private MatMulTiming Time<T>(MatMulCell cell, QuantizedTensor tensor, List<PreparedWeight> weights)
        where T : unmanaged
    {
        using GpuTensor<T> x = _device.Allocate<T>(cell.BatchSize * cell.Columns);
        using GpuTensor<T> y = _device.Allocate<T>(cell.BatchSize * cell.Rows);
        double error = Check(cell, tensor, weights[^1], x, y);
        double microseconds = Replay(() =>
        {
            for (int i = 0; i < ProductsPerReplay; i++)
                _device.MatMul(weights[i % weights.Count], x, cell.BatchSize, y);
        }) / ProductsPerReplay;
        double gigabytes = tensor.ByteLength / microseconds / 1e3;
        double teraflops = 2.0 * cell.BatchSize * cell.Rows * cell.Columns / microseconds / 1e6;
        return new MatMulTiming(cell, weights[0].KernelName, microseconds, gigabytes, teraflops, gigabytes / ReadGigabytesPerSecond, error);
    }

    private double Replay(Action work)
    {
        using GpuDevice.Call call = _device.Enter();
        using var graph = new CudaGraph(_device.Cuda!.Stream, work);
        using var stopwatch = new CudaStopwatch(_device.Cuda.Stream);
        return stopwatch.Median(Replays, graph.Launch);
    }

    private unsafe double MeasureRead()
    {
        const long Bytes = 1L << 31;
        using GpuDevice.Call call = _device.Enter();
        CudaKernels cuda = _device.Cuda!;
        using MemoryBuffer1D<byte, Stride1D.Dense> buffer = _device.Accelerator.Allocate1D<byte>(Bytes);
        // Random bits draw the power that real data does.
        var random = new byte[1 << 24];
        new Random(1).NextBytes(random);
        for (long at = 0; at < Bytes; at += random.Length)
            buffer.View.SubView(at, random.Length).CopyFromCPU(_device.Stream, random);
        CudaFunction function = cuda.Get(((Action<ReadKernel.Arguments>)ReadKernel.Run).Method, ReadKernel.GroupSize);
        int groups = cuda.MultiprocessorCount * 4;
        long step = (long)groups * ReadKernel.GroupSize * ReadKernel.WordsInFlight * 16;
        var arguments = new ReadKernel.Arguments { Address = (long)buffer.View.BaseView.LoadEffectiveAddressAsPtr(), Bytes = Bytes / step * step };
        using var stopwatch = new CudaStopwatch(cuda.Stream);
        return arguments.Bytes / stopwatch.Median(Replays, () => function.Launch(cuda.Stream, new CudaGrid(groups, ReadKernel.GroupSize), arguments)) / 1e3;
    }

    private static T[] Inputs<T>(int length)
        where T : unmanaged
    {
        var random = new Random(2);
        var values = new float[length];
        for (int i = 0; i < length; i++)
            values[i] = (random.NextSingle() * 2) - 1;
        var inputs = new T[length];
        Elements.FromSingle<T>(values, inputs);
        return inputs;
    }

    private static double OutputRoundoff(Type element) =>
        Math.ScaleB(1, element == typeof(Half) ? -11 : element == typeof(float) ? -24 : -8);
}
