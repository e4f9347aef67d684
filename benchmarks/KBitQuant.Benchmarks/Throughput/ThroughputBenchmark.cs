using System.Diagnostics;
using System.Globalization;
using KBitQuant.DataTypes;
using KBitQuant.Packing;
using KBitQuant.Quantization;
using KBitQuant.Threading;

namespace KBitQuant.Benchmarks;

/// <summary>
/// Quantize and dequantize rates in GB/s of 32-bit floats, next to the memory-copy rate of the same run. Buffers rotate past the
/// caches; each round runs every row once, and medians over the rounds are printed.
/// </summary>
internal static class ThroughputBenchmark
{
    private const int Elements = 1 << 22;
    private const int Rotation = 16;
    private const int Rounds = 9;

    private static readonly (string Type, int Block, bool Nested)[] Rows =
    [
        ("nf4", 64, false), ("nf4", 64, true), ("int4", 64, false), ("float4", 64, false), ("quantile4", 64, false), ("fp4", 64, false),
        ("int3", 64, false), ("nf3", 64, false), ("int8", 64, false), ("dynamic8", 256, false), ("nf5", 64, false), ("nf6", 64, false), ("nf8", 64, false),
    ];

    public static void Run(string[] args)
    {
        if (args is ["--threads", string threads] && threads != Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture))
        {
            RunChild(threads);
            return;
        }

        float[][] sources = [.. Enumerable.Range(0, Rotation).Select(seed => BenchmarkData.Normal(Elements, seed))];
        var destination = sources.Select(_ => new float[Elements]).ToArray();
        var copy = new CopyJob();
        List<(string Name, Action<int> Body)> measured = [("copy", round => copy.Run(sources[round], destination[round]))];
        foreach ((string type, int block, bool nested) in Rows)
        {
            var row = new Row(type, block, nested, sources);
            measured.Add(($"{row.Name} quantize", row.Quantize));
            measured.Add(($"{row.Name} dequantize", round => row.Dequantize(round, destination[round])));
        }

        double[] medians = Interleaved.Medians([.. measured.Select(entry => entry.Body)], Rounds, Rotation);
        double GigabytesPerSecond(double seconds) => Elements * (double)sizeof(float) / seconds / 1e9;
        double copyRate = GigabytesPerSecond(medians[0]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"threads {Environment.ProcessorCount}; GB/s of 32-bit floats; copy = bytes copied, each read and written once"));
        for (int i = 0; i < measured.Count; i++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{measured[i].Name,-28} {GigabytesPerSecond(medians[i]),8:F2} GB/s {GigabytesPerSecond(medians[i]) / copyRate,6:P0} of copy"));
    }

    private static void RunChild(string threads)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["throughput"]);
        start.Environment["DOTNET_PROCESSOR_COUNT"] = threads;
        Process.Start(start)!.WaitForExit();
    }

    private sealed class Row
    {
        private readonly QuantizationScheme _scheme;
        private readonly float[][] _sources;
        private readonly byte[][] _codes;
        private readonly float[] _constants;

        public Row(string type, int block, bool nested, float[][] sources)
        {
            DataType dataType = DataTypeCatalog.Get(type).Fit(sources[0]);
            _scheme = new QuantizationScheme(dataType, block) { Nested = nested };
            _sources = sources;
            _codes = [.. sources.Select(_ => new byte[BitPacking.PackedLength(Elements, dataType.Bits)])];
            _constants = new float[Elements / block];
            Name = $"{type} b{block}{(nested ? " nested" : "")}";
        }

        public string Name { get; }

        public void Quantize(int round)
        {
            BlockwiseQuantizer.Quantize<float>(_sources[round], _scheme, _codes[round], _constants, []);
            if (_scheme.Nested)
                NestedConstants.Quantize(_constants);
        }

        public void Dequantize(int round, float[] destination) =>
            BlockwiseQuantizer.Dequantize<float>(_codes[round], _scheme, _constants, [], destination);
    }

    private sealed class CopyJob : ParallelJob
    {
        private const int PartLength = 1 << 14;
        private float[] _source = [];
        private float[] _destination = [];

        public void Run(float[] source, float[] destination)
        {
            (_source, _destination) = (source, destination);
            Workers.Default.Run(this, source.Length / PartLength);
        }

        public override void RunPart(int part) => _source.AsSpan(part * PartLength, PartLength).CopyTo(_destination.AsSpan(part * PartLength));
    }
}
