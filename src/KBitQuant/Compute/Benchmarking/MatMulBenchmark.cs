using KBitQuant.Quantization;

namespace KBitQuant.Compute.Benchmarking;

/// <summary>Times products on a device. Those of one weight and batch size take turns with each other and with the device's ceilings: a larger
/// batch between them would cost them clock. Weights rotate past the caches; medians count; and what was timed is checked.</summary>
internal sealed class MatMulBenchmark(BenchmarkDevice device)
{
    private const int Rounds = 15;

    /// <summary>How long the products of one turn take together, unless they are <see cref="MaxProducts"/>.</summary>
    private const double TurnSeconds = 5e-3;
    private const int MaxProducts = 64;

    private const int MinCopies = 2;
    private const int MaxCopies = 4096;

    /// <summary>Inputs repeat after these rows, so that few expected rows check every output. A prime: a row taken for another of its tile
    /// shows.</summary>
    private const int DistinctRows = 11;

    /// <summary>Times the products of one weight.</summary>
    /// <param name="rows">N.</param>
    /// <param name="columns">K.</param>
    /// <param name="scheme">How the weight is quantized.</param>
    /// <param name="batchSizes">M of each product.</param>
    /// <param name="preferences">The kernels: each batch size is timed with all.</param>
    /// <param name="cancellationToken">Stops between products.</param>
    /// <returns>A result for each kernel and batch size; one that fails says why.</returns>
    /// <exception cref="NotSupportedException">Nothing can be timed on the device.</exception>
    public IReadOnlyList<MatMulResult> Time(
        int rows,
        int columns,
        QuantizationScheme scheme,
        IReadOnlyList<int> batchSizes,
        IReadOnlyList<KernelPreference> preferences,
        CancellationToken cancellationToken = default)
    {
        QuantizedTensor tensor = RandomWeight.Make(rows, columns, scheme, seed: 1);
        int copies = (int)Math.Clamp((device.RotationBytes / tensor.ByteLength) + 1, MinCopies, MaxCopies);
        using var contest = new Contest(device, tensor, copies);
        foreach (KernelPreference preference in preferences)
            contest.Add(preference, batchSizes, cancellationToken);
        foreach (IGrouping<int, Candidate> batch in contest.Candidates.GroupBy(candidate => candidate.Cell.BatchSize))
            TimeInTurn([.. batch], cancellationToken);
        return [.. contest.Candidates.Select(candidate => candidate.Check())];
    }

    /// <summary>Computes the same products once each and checks them.</summary>
    /// <param name="rows">N.</param>
    /// <param name="columns">K.</param>
    /// <param name="scheme">How the weight is quantized.</param>
    /// <param name="batchSizes">M of each product.</param>
    /// <param name="preferences">The kernels.</param>
    /// <param name="cancellationToken">Stops between products.</param>
    public IReadOnlyList<MatMulResult> Check(
        int rows,
        int columns,
        QuantizationScheme scheme,
        IReadOnlyList<int> batchSizes,
        IReadOnlyList<KernelPreference> preferences,
        CancellationToken cancellationToken = default)
    {
        using var contest = new Contest(device, RandomWeight.Make(rows, columns, scheme, seed: 1), copies: 1);
        foreach (KernelPreference preference in preferences)
            contest.Add(preference, batchSizes, cancellationToken);
        return [.. contest.Candidates.Select(candidate => candidate.Check())];
    }

    private void TimeInTurn(Candidate[] candidates, CancellationToken cancellationToken)
    {
        IReadOnlyList<TimedPass> ceilingPasses = device.CeilingPasses;
        Timing[] timings = Interleaved.Measure([.. ceilingPasses, .. candidates.Select(candidate => candidate.Pass())], Rounds, cancellationToken);
        Ceilings ceilings = device.CeilingsOf(timings);
        for (int i = 0; i < candidates.Length; i++)
            candidates[i].Timed(timings[ceilingPasses.Count + i], ceilings);
    }

    /// <summary>The products of one weight.</summary>
    private sealed class Contest : IDisposable
    {
        private readonly BenchmarkDevice _device;
        private readonly QuantizedTensor _tensor;
        private readonly int _copies;
        private readonly float[] _inputRows;
        private readonly ExpectedOutputs _expected;
        private readonly List<PreparedWeight> _weights = [];

        public Contest(BenchmarkDevice device, QuantizedTensor tensor, int copies)
        {
            (_device, _tensor, _copies) = (device, tensor, copies);
            var random = new Random(2);
            var inputs = new float[checked(DistinctRows * tensor.Columns)];
            for (int i = 0; i < inputs.Length; i++)
                inputs[i] = (random.NextSingle() * 2) - 1;
            _inputRows = device.Round(inputs);
            _expected = new ExpectedOutputs(tensor, _inputRows);
        }

        public List<Candidate> Candidates { get; } = [];

        public void Add(KernelPreference preference, IReadOnlyList<int> batchSizes, CancellationToken cancellationToken)
        {
            IEnumerable<Candidate> added = batchSizes.Select(m => new Candidate(_device, _expected, new(_tensor.Rows, _tensor.Columns, m, _tensor.Scheme), _tensor.ByteLength));
            Candidate[] candidates = [.. added];
            Candidates.AddRange(candidates);
            var weights = new List<PreparedWeight>();
            foreach (Candidate candidate in candidates)
            {
                cancellationToken.ThrowIfCancellationRequested();
                candidate.Try(() =>
                {
                    while (weights.Count < _copies)
                    {
                        weights.Add(_device.Device.Prepare(_tensor, preference));
                        _weights.Add(weights[^1]);
                    }

                    candidate.Start(weights, Inputs(candidate.Cell.BatchSize));
                });
            }
        }

        public void Dispose()
        {
            Candidates.ForEach(candidate => candidate.Dispose());
            _weights.ForEach(weight => weight.Dispose());
        }

        private float[] Inputs(int m)
        {
            var inputs = new float[checked(m * _tensor.Columns)];
            for (int start = 0; start < inputs.Length; start += _inputRows.Length)
                _inputRows.AsSpan(0, Math.Min(_inputRows.Length, inputs.Length - start)).CopyTo(inputs.AsSpan(start));
            return inputs;
        }
    }

    /// <summary>A product with one kernel. One that has failed does nothing more.</summary>
    private sealed class Candidate(BenchmarkDevice device, ExpectedOutputs expected, MatMulCell cell, long weightBytes) : IDisposable
    {
        private MatMulResult _result = new(cell, "", weightBytes);
        private BenchmarkProduct? _product;

        public MatMulCell Cell => cell;

        /// <summary>Does something unless the product has failed; if it fails, so has the product.</summary>
        public void Try(Action action)
        {
            try
            {
                if (_result.Failure is null)
                    action();
            }
            // Whatever it is, it is this product's result, and the others go on.
            catch (Exception exception)
            {
                _result = _result with { Failure = exception.Message };
            }
        }

        public void Start(List<PreparedWeight> copies, float[] inputs)
        {
            _result = _result with { KernelName = copies[0].KernelName };
            _product = device.CreateProduct(copies, inputs, cell.BatchSize);
            _product.RunOnce();
        }

        public TimedPass Pass()
        {
            int count = 1;
            Try(() => count = (int)Math.Clamp(TurnSeconds / FastestRun(), 1, MaxProducts));
            return new TimedPass(() =>
            {
                double seconds = double.NaN;
                Try(() => seconds = _product!.SecondsEach(count));
                return seconds;
            });
        }

        public void Timed(Timing time, Ceilings ceilings) => _result = _result with { Time = time, Ceilings = ceilings };

        /// <summary>The result, without a time unless the outputs are right.</summary>
        public MatMulResult Check()
        {
            Try(() => _result = _result with
            {
                RelativeError = expected.Check(_product!.Outputs(), device.PrecisionOf(_result.KernelName), OutputRounding.To(device.Element)),
            });
            return _result.Failure is null ? _result : _result with { Time = null, Ceilings = null };
        }

        public void Dispose() => _product?.Dispose();

        /// <summary>Seconds of the fastest of the runs of as long as a turn: a single one may take many times as long, and a graph of few products has more of its own beginning and end in each.</summary>
        private double FastestRun()
        {
            double fastest = double.PositiveInfinity;
            for (double spent = 0; spent < TurnSeconds;)
            {
                double seconds = TimedPass.Seconds(_product!.RunOnce);
                spent += seconds;
                fastest = Math.Min(fastest, seconds);
            }

            return fastest;
        }
    }
}
