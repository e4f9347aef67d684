using KBitQuant.Threading;
using KBitQuant.Transformers.Models.Layers;

namespace KBitQuant.Benchmarks.Peers.Dense;

/// <summary>The dense layer of models, which keeps a weight in the narrowest type that holds it.</summary>
internal sealed class LayerProduct(Problem problem, float[] weight, int m, Workers workers, int copies) : Product
{
    private readonly DenseLinear[] _layers = [.. Enumerable.Range(0, copies).Select(_ => DenseLinear.Create(workers, weight, problem.N, problem.K, []))];
    private readonly float[] _inputs = problem.Inputs(m);
    private readonly float[] _outputs = new float[m * problem.N];

    public override void Run()
    {
        foreach (DenseLinear layer in _layers)
            layer.Apply(_inputs, m, _outputs);
    }

    public override void CopyOutput(float[] destination) => _outputs.CopyTo(destination, 0);

    public override void Dispose()
    {
        foreach (DenseLinear layer in _layers)
            layer.Dispose();
        workers.Dispose();
    }
}
