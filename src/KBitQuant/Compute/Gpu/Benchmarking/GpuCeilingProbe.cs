using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using KBitQuant.Compute.Benchmarking;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Benchmarking;

/// <summary>Measures a GPU's ceilings between other alternatives: its passes take their turns among theirs.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuCeilingProbe : IDisposable
{
    /// <summary>Many times any cache.</summary>
    private const long LargestBuffer = 1L << 31;
    private const int ReadGroups = 4;
    private const int PeakSteps = 4096;
    private const int PeakGroups = 2;

    private readonly GpuDevice _device;
    private readonly CudaKernels _cuda;
    private readonly DeviceArray<byte> _buffer;
    private readonly ReadKernel.Arguments _read;
    private readonly MethodInfo _peak;

    /// <param name="device">A GPU of CUDA.</param>
    /// <param name="element">The 16-bit type of the products.</param>
    public GpuCeilingProbe(GpuDevice device, Type element)
    {
        (_device, _cuda) = (device, device.Cuda!);
        using GpuDevice.Call call = device.Enter();
        _buffer = new DeviceArray<byte>(device);
        long step = (long)_cuda.MultiprocessorCount * ReadGroups * ReadKernel.GroupSize * ReadKernel.WordsInFlight * 16;
        long bytes = Math.Min(LargestBuffer, device.Accelerator.MemorySize / 4) / step * step;
        _read = new() { Address = Fill(bytes), Bytes = bytes };
        _peak = PeakKernel(element);
        Passes = [new(() => Time(ReadOnce)), new(() => Time(MultiplyOnce))];
    }

    /// <summary>Threads of a group of <see cref="PeakKernel"/>.</summary>
    public static int PeakGroupSize => 256;

    public IReadOnlyList<TimedPass> Passes { get; }

    /// <summary>What the times of <see cref="Passes"/> mean; further times may follow theirs.</summary>
    public Ceilings Result(IReadOnlyList<Timing> timings) => new(
        _read.Bytes / timings[0].Median / 1e9,
        (double)_cuda.MultiprocessorCount * PeakGroups * PeakGroupSize * TensorPeakArguments.ThreadFlops * PeakSteps / timings[1].Median / 1e9);

    /// <summary>The kernel that does nothing but products of the tensor cores.</summary>
    /// <param name="element">Half or BFloat16.</param>
    public static MethodInfo PeakKernel(Type element) =>
        ((Action<TensorPeakArguments>)(element == typeof(Half) ? TensorPeakKernel<HalfTensorElement>.Run : TensorPeakKernel<BFloat16TensorElement>.Run)).Method;

    public void Dispose() => _buffer.Dispose();

    private void ReadOnce() => _cuda.Get(((Action<ReadKernel.Arguments>)ReadKernel.Run).Method, ReadKernel.GroupSize)
        .Launch(_cuda.Stream, new CudaGrid(_cuda.MultiprocessorCount * ReadGroups, ReadKernel.GroupSize), _read);

    private void MultiplyOnce() => _cuda.Get(_peak, PeakGroupSize, PeakGroups).Launch(
        _cuda.Stream, new CudaGrid(_cuda.MultiprocessorCount * PeakGroups, PeakGroupSize), new TensorPeakArguments { Address = _read.Address, Steps = PeakSteps });

    private double Time(Action launch)
    {
        using GpuDevice.Call call = _device.Enter();
        using var stopwatch = new CudaStopwatch(_cuda.Stream);
        return stopwatch.Seconds(launch);
    }

    /// <summary>Random bits, which draw the power that real data does.</summary>
    private long Fill(long bytes)
    {
        ArrayView<byte> view = _buffer.Reserve(bytes);
        var random = new byte[1 << 24];
        new Random(1).NextBytes(random);
        for (long at = 0; at < bytes; at += random.Length)
        {
            int count = (int)Math.Min(random.Length, bytes - at);
            view.SubView(at, count).CopyFromCPU(_device.Stream, random.AsSpan(0, count));
        }

        return CudaAddress.Of(view);
    }
}
