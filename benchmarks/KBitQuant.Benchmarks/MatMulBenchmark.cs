using System.Globalization;
using KBitQuant.Compute;
using KBitQuant.Compute.Cpu;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Benchmarks;

/// <summary>Products of every kernel of ours on one shape, next to the machine's ceilings of the same run; weights rotate past the
/// caches, alternatives take turns, medians are printed.</summary>
internal static class MatMulBenchmark
{
    private const int RotatedBytes = 150_000_000;

    public static void Run(int threads, int n, int k, int[] batchSizes, string[] types, string[] kernels)
    {
        using var device = new CpuDevice(threads);
        var ceilings = Ceilings.Measure(threads);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{threads} threads, N={n} K={k}; read {ceilings.ReadGigabytes:F1} GB/s, multiply-add {ceilings.GigaFlops:F0} GFLOP/s"));
        float[] source = BenchmarkData.Normal(n * k, 1);
        var cells = new List<(string Name, int M, long Bytes, Action<int> Body)>();
        foreach (string type in types)
        {
            QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(source, n, k, new QuantizationScheme(DataTypeCatalog.Get(type)));
            int copies = (int)Math.Max(2, RotatedBytes / tensor.ByteLength);
            foreach (string kernel in kernels)
            {
                PreparedWeight[] weights = [.. Enumerable.Range(0, copies).Select(_ => device.Prepare(tensor, new KernelPreference { KernelName = kernel }))];
                foreach (int m in batchSizes)
                {
                    float[] x = BenchmarkData.Normal(m * k, 2);
                    var y = new float[m * n];
                    cells.Add(($"{type} {kernel}", m, weights[0].ByteLength, round => weights[round % copies].MatMul<float>(x, m, y)));
                }
            }
        }

        foreach (IGrouping<int, (string Name, int M, long Bytes, Action<int> Body)> group in cells.GroupBy(cell => cell.M))
        {
            var rows = group.ToArray();
            int rotation = Math.Clamp(32 / group.Key, 2, 16);
            double[] medians = Interleaved.Medians([.. rows.Select(row => row.Body)], 9, rotation);
            for (int i = 0; i < rows.Length; i++)
            {
                double read = rows[i].Bytes / ceilings.ReadGigabytes / 1e9, compute = 2.0 * rows[i].M * n * k / ceilings.GigaFlops / 1e9;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{rows[i].Name,-34} M={rows[i].M,-4} {medians[i] * 1e3,9:F3} ms  read limit {read * 1e3,7:F3}  compute limit {compute * 1e3,8:F3}  {Math.Max(read, compute) / medians[i],6:P0} of the limit"));
            }
        }
    }
}
