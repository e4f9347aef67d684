using KBitQuant.Compute;
using KBitQuant.Numerics;
using KBitQuant.Threading;

namespace KBitQuant.Benchmarks.Peers.Dense;

/// <summary>Weights that are not quantized, in 32 and 16 bits: this library's own dense layer, and a dot product of the framework for each
/// row.</summary>
internal sealed class DensePeer : Peer
{
    public override string Name => "dense";

    public override string Version => $"(.NET {Environment.Version})";

    public override IReadOnlyList<PeerFormat> Formats { get; } =
    [
        new DenseFormat("fp32 DenseLinear", 32, (problem, weight, m, workers, copies) => new LayerProduct(problem, weight, m, workers, copies)),
        new DenseFormat("fp16 DenseLinear", 16, (problem, weight, m, workers, copies) => new LayerProduct(problem, weight, m, workers, copies)),
        new DenseFormat("fp32 TensorPrimitives.Dot", 32, (problem, weight, m, workers, copies) => new DotProduct<float>(problem, weight, m, workers, copies)),
        new DenseFormat("fp16 TensorPrimitives.Dot", 16, (problem, weight, m, workers, copies) => new DotProduct<Half>(problem, weight, m, workers, copies)),
    ];

    /// <summary>Prepares copies of a weight for products.</summary>
    private delegate Product Prepare(Problem problem, float[] weight, int m, Workers workers, int copies);

    private sealed class DenseFormat(string name, int bits, Prepare prepare) : PeerFormat(name, bits, ActivationPrecision.Exact)
    {
        public override PeerWeight Quantize(Problem problem)
        {
            if (Bits == 32)
                return new DenseWeight(problem, problem.Weight, Bits, prepare);
            var halves = new Half[problem.Weight.Length];
            var weight = new float[halves.Length];
            Elements.FromSingle<Half>(problem.Weight, halves);
            Elements.ToSingle<Half>(halves, weight);
            return new DenseWeight(problem, weight, Bits, prepare);
        }
    }

    private sealed class DenseWeight(Problem problem, float[] weight, int bits, Prepare prepare) : PeerWeight
    {
        public override long ByteLength => (long)weight.Length * bits / 8;

        public override void Dequantize(float[] destination) => weight.CopyTo(destination, 0);

        public override Product Prepare(int m, int threads, int copies) => prepare(problem, weight, m, new Workers(threads), copies);
    }
}
