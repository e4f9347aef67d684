using KBitQuant.Compute.Benchmarking;

namespace KBitQuant.Compute.Cpu.Benchmarking;

/// <summary>The processor under benchmarks: floats in and out.</summary>
internal sealed class CpuBenchmarkDevice : BenchmarkDevice
{
    private readonly CpuDevice _device;
    private readonly CeilingProbe _probe;

    /// <param name="threads">Threads that work on one product.</param>
    public CpuBenchmarkDevice(int threads)
    {
        _device = new CpuDevice(threads);
        _probe = new CeilingProbe(_device.Workers);
    }

    public override ComputeDevice Device => _device;

    public override string Description => $"{ProcessorInfo.Name}, {_device.Workers}";

    public override Type Element => typeof(float);

    public override long RotationBytes => ProcessorInfo.RotationBytes;

    public override IReadOnlyList<TimedPass> CeilingPasses => _probe.Passes;

    public override Ceilings CeilingsOf(IReadOnlyList<Timing> timings) => _probe.Result(timings);

    public override KernelPrecision PrecisionOf(string kernelName) =>
        new(0, CpuKernels.All.Single(kernel => kernel.Name == kernelName).Activations);

    public override float[] Round(float[] inputs) => inputs;

    public override BenchmarkProduct CreateProduct(IReadOnlyList<PreparedWeight> copies, float[] inputs, int m) => new Product(copies, inputs, m);

    public override void Dispose()
    {
        _probe.Dispose();
        _device.Dispose();
    }

    private sealed class Product : BenchmarkProduct
    {
        private readonly IReadOnlyList<PreparedWeight> _copies;
        private readonly float[] _inputs;
        private readonly int _m;
        private readonly float[] _outputs;
        private int _next;

        public Product(IReadOnlyList<PreparedWeight> copies, float[] inputs, int m)
        {
            (_copies, _inputs, _m) = (copies, inputs, m);
            _outputs = new float[checked(m * copies[0].Rows)];
            // An output that is not written must not be right by chance.
            Array.Fill(_outputs, float.NaN);
        }

        public override void RunOnce()
        {
            _copies[_next].MatMul<float>(_inputs, _m, _outputs);
            _next = (_next + 1) % _copies.Count;
        }

        public override double SecondsEach(int count) => TimedPass.Seconds(() =>
        {
            for (int i = 0; i < count; i++)
                RunOnce();
        }) / count;

        public override float[] Outputs() => _outputs;

        public override void Dispose()
        {
        }
    }
}
