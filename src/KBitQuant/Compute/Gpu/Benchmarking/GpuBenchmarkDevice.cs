using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Benchmarking;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Numerics;

namespace KBitQuant.Compute.Gpu.Benchmarking;

/// <summary>A GPU under benchmarks: products are recorded as a graph of CUDA, whose replays are timed by the device's clock. On other GPUs
/// they can be checked, but not timed.</summary>
/// <typeparam name="T">Half or BFloat16: inputs and outputs.</typeparam>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuBenchmarkDevice<T> : BenchmarkDevice
    where T : unmanaged
{
    private readonly GpuDevice _device;
    private readonly GpuCeilingProbe? _probe;

    /// <summary>Takes over a device.</summary>
    public GpuBenchmarkDevice(GpuDevice device)
    {
        _device = device;
        _probe = device.Cuda is null ? null : new GpuCeilingProbe(device, typeof(T));
    }

    public override ComputeDevice Device => _device;

    public override string Description => _device.Name;

    public override Type Element => typeof(T);

    /// <summary>Several times any cache.</summary>
    public override long RotationBytes => 256L << 20;

    public override IReadOnlyList<TimedPass> CeilingPasses => Probe.Passes;

    private GpuCeilingProbe Probe =>
        _probe ?? throw new NotSupportedException($"Kernels are timed with graphs of CUDA, which {_device.Name} lacks; their outputs alone can be checked.");

    public override Ceilings CeilingsOf(IReadOnlyList<Timing> timings) => Probe.Result(timings);

    public override KernelPrecision PrecisionOf(string kernelName)
    {
        GpuMatMulKernel kernel = GpuKernels.All.Single(kernel => kernel.Name == kernelName);
        return new(kernel.TableRoundoff(typeof(T)), kernel.Activations);
    }

    public override float[] Round(float[] inputs)
    {
        var rounded = new float[inputs.Length];
        Elements.ToSingle<T>(Narrow(inputs), rounded);
        return rounded;
    }

    public override BenchmarkProduct CreateProduct(IReadOnlyList<PreparedWeight> copies, float[] inputs, int m) => new Product(_device, copies, inputs, m);

    public override void Dispose()
    {
        _probe?.Dispose();
        _device.Dispose();
    }

    private static T[] Narrow(float[] values)
    {
        var narrow = new T[values.Length];
        Elements.FromSingle<T>(values, narrow);
        return narrow;
    }

    [RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
    private sealed class Product : BenchmarkProduct
    {
        private readonly GpuDevice _device;
        private readonly IReadOnlyList<PreparedWeight> _copies;
        private readonly int _m;
        private readonly GpuTensor<T> _inputs;
        private readonly GpuTensor<T> _outputs;
        private CudaGraph? _graph;
        private int _graphProducts;

        public Product(GpuDevice device, IReadOnlyList<PreparedWeight> copies, float[] inputs, int m)
        {
            (_device, _copies, _m) = (device, copies, m);
            _inputs = device.Allocate<T>(inputs.Length);
            _outputs = device.Allocate<T>(checked(m * copies[0].Rows));
            _inputs.CopyFrom(Narrow(inputs));
            // An output that is not written must not be right by chance.
            var poison = new float[_outputs.Length];
            Array.Fill(poison, float.NaN);
            _outputs.CopyFrom(Narrow(poison));
        }

        public override void RunOnce()
        {
            _device.MatMul(_copies[0], _inputs, _m, _outputs);
            using GpuDevice.Call call = _device.Enter();
            _device.Stream.Synchronize();
        }

        public override double SecondsEach(int count)
        {
            using GpuDevice.Call call = _device.Enter();
            if (_graph is null)
            {
                // Fewer would leave some copies out, and the others in the cache.
                _graphProducts = Math.Max(count, _copies.Count);
                _graph = new CudaGraph(_device.Cuda!.Stream, RecordAll);
            }

            using var stopwatch = new CudaStopwatch(_device.Cuda!.Stream);
            return stopwatch.Seconds(_graph.Launch) / _graphProducts;
        }

        public override float[] Outputs()
        {
            var outputs = new T[_outputs.Length];
            _outputs.CopyTo(outputs);
            var wide = new float[outputs.Length];
            Elements.ToSingle<T>(outputs, wide);
            return wide;
        }

        public override void Dispose()
        {
            using (GpuDevice.Call call = _device.EnterUnchecked())
                _graph?.Dispose();
            _inputs.Dispose();
            _outputs.Dispose();
        }

        private void RecordAll()
        {
            for (int i = 0; i < _graphProducts; i++)
                _device.MatMul(_copies[i % _copies.Count], _inputs, _m, _outputs);
        }
    }
}
