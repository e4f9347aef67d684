using KBitQuant.Compute;
using KBitQuant.Compute.Cpu;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Benchmarks.Peers.Ours;

/// <summary>This library: every kernel of the table that takes a type.</summary>
internal sealed class OurPeer : Peer
{
    /// <param name="types">Names of data types.</param>
    /// <param name="kernels">Names of kernels.</param>
    /// <param name="shapes">N and K: a kernel takes part if it takes them all.</param>
    /// <exception cref="ArgumentException">There is no such type or kernel.</exception>
    public OurPeer(IEnumerable<string> types, IReadOnlyCollection<string> kernels, IReadOnlyList<(int N, int K)> shapes)
    {
        string[] known = [.. CpuKernels.All.Select(kernel => kernel.Name)];
        if (kernels.Except(known).FirstOrDefault() is { } unknown)
            throw new ArgumentException(UnknownKernel.Message(unknown, "", known), nameof(kernels));
        Formats =
        [
            .. from type in types.Select(DataTypeCatalog.Get)
               let scheme = new QuantizationScheme(type)
               from kernel in CpuKernels.All
               where kernels.Contains(kernel.Name) && shapes.All(shape => kernel.ReasonToRefuse(scheme, shape.N, shape.K) is null)
               select new OurFormat(scheme, kernel),
        ];
    }

    public override string Name => "KBitQuant";

    public override string Version => typeof(CpuDevice).Assembly.GetName().Version!.ToString(3);

    public override IReadOnlyList<PeerFormat> Formats { get; }

    private sealed class OurFormat(QuantizationScheme scheme, MatMulKernel<CpuDevice> kernel)
        : PeerFormat($"{scheme.DataType.Name} b{scheme.BlockSize} {kernel.Name}", scheme.DataType.Bits, kernel.Activations)
    {
        public override PeerWeight Quantize(Problem problem) =>
            new OurWeight(problem, BlockwiseQuantizer.Quantize<float>(problem.Weight, problem.N, problem.K, scheme), kernel);
    }

    private sealed class OurWeight(Problem problem, QuantizedTensor tensor, MatMulKernel<CpuDevice> kernel) : PeerWeight
    {
        public override long ByteLength => tensor.ByteLength;

        public override void Dequantize(float[] destination) => BlockwiseQuantizer.Dequantize<float>(tensor, destination);

        public override Product Prepare(int m, int threads, int copies) => new OurProduct(problem, tensor, kernel, m, threads, copies);
    }

    private sealed class OurProduct : Product
    {
        private readonly CpuDevice _device;
        private readonly PreparedWeight[] _weights;
        private readonly int _m;
        private readonly float[] _inputs;
        private readonly float[] _outputs;

        public OurProduct(Problem problem, QuantizedTensor tensor, MatMulKernel<CpuDevice> kernel, int m, int threads, int copies)
        {
            _device = new CpuDevice(threads);
            _weights = [.. Enumerable.Range(0, copies).Select(_ => kernel.Prepare(_device, tensor))];
            _m = m;
            _inputs = problem.Inputs(m);
            _outputs = new float[m * problem.N];
        }

        public override void Run()
        {
            foreach (PreparedWeight weight in _weights)
                weight.MatMul<float>(_inputs, _m, _outputs);
        }

        public override void CopyOutput(float[] destination) => _outputs.CopyTo(destination, 0);

        public override void Dispose()
        {
            foreach (PreparedWeight weight in _weights)
                weight.Dispose();
            _device.Dispose();
        }
    }
}
