using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using KBitQuant.Numerics;
using KBitQuant.Threading;

namespace KBitQuant.Benchmarks.Peers.Dense;

/// <summary>The framework's own dot product of each weight row with each input row; 16-bit rows are widened first.</summary>
/// <typeparam name="T">Half or float.</typeparam>
internal sealed class DotProduct<T> : Product
    where T : unmanaged
{
    private readonly Workers _workers;
    private readonly RowsJob[] _jobs;
    private readonly int _rows;
    private readonly float[] _outputs;

    public DotProduct(Problem problem, float[] weight, int m, Workers workers, int copies)
    {
        (_workers, _rows) = (workers, problem.N);
        _outputs = new float[m * problem.N];
        float[] inputs = problem.Inputs(m);
        _jobs = [.. Enumerable.Range(0, copies).Select(_ => new RowsJob(weight, inputs, _outputs, problem.N, problem.K))];
    }

    public override void Run()
    {
        foreach (RowsJob job in _jobs)
            _workers.Run(job, (_rows + RowsJob.RowsOfPart - 1) / RowsJob.RowsOfPart);
    }

    public override void CopyOutput(float[] destination) => _outputs.CopyTo(destination, 0);

    public override void Dispose() => _workers.Dispose();

    private sealed class RowsJob : ParallelJob
    {
        public const int RowsOfPart = 64;

        private readonly T[] _weight;
        private readonly float[] _inputs;
        private readonly float[] _outputs;
        private readonly int _rows;
        private readonly int _columns;

        public RowsJob(float[] weight, float[] inputs, float[] outputs, int rows, int columns)
        {
            (_inputs, _outputs, _rows, _columns) = (inputs, outputs, rows, columns);
            _weight = new T[weight.Length];
            Elements.FromSingle<T>(weight, _weight);
        }

        public override void RunPart(int part)
        {
            Span<float> wide = stackalloc float[typeof(T) == typeof(float) ? 0 : _columns];
            for (int n = part * RowsOfPart; n < Math.Min((part + 1) * RowsOfPart, _rows); n++)
            {
                ReadOnlySpan<T> row = _weight.AsSpan(n * _columns, _columns);
                scoped ReadOnlySpan<float> values = MemoryMarshal.Cast<T, float>(row);
                if (typeof(T) != typeof(float))
                {
                    Elements.ToSingle(row, wide);
                    values = wide;
                }

                for (int i = 0; i < _inputs.Length / _columns; i++)
                    _outputs[(i * _rows) + n] = TensorPrimitives.Dot(_inputs.AsSpan(i * _columns, _columns), values);
            }
        }
    }
}
