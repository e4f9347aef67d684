using System.Runtime.Intrinsics;
using KBitQuant.Threading;

namespace KBitQuant.Benchmarks;

/// <summary>What the machine can do at the moment: read weights from memory, multiply and add.</summary>
/// <param name="ReadGigabytes">GB/s of reading memory that is in no cache.</param>
/// <param name="GigaFlops">GFLOP/s of fused multiply-adds on registers.</param>
internal sealed record Ceilings(double ReadGigabytes, double GigaFlops)
{
    public static Ceilings Measure(int threads)
    {
        using var workers = new Workers(threads);
        var read = new ReadJob();
        var multiply = new MultiplyJob();
        double[] seconds = Interleaved.Medians([_ => workers.Run(read, ReadJob.Parts), _ => workers.Run(multiply, MultiplyJob.Parts)], 7, 2);
        return new Ceilings(ReadJob.Bytes / seconds[0] / 1e9, MultiplyJob.Flops / seconds[1] / 1e9);
    }

    private sealed class ReadJob : ParallelJob
    {
        public const int Parts = 64;
        public const long Bytes = (long)Parts * PartLength * sizeof(float);
        private const int PartLength = 1 << 20;
        private readonly float[][] _parts = [.. Enumerable.Range(0, Parts).Select(part => BenchmarkData.Normal(PartLength, part))];
        private volatile float _sink;

        public override void RunPart(int part)
        {
            ReadOnlySpan<float> values = _parts[part];
            Vector512<float> a = Vector512<float>.Zero, b = a, c = a, d = a;
            for (int i = 0; i < values.Length; i += 4 * Vector512<float>.Count)
            {
                ReadOnlySpan<float> line = values.Slice(i, 4 * Vector512<float>.Count);
                a += Vector512.Create(line);
                b += Vector512.Create(line[16..]);
                c += Vector512.Create(line[32..]);
                d += Vector512.Create(line[48..]);
            }

            _sink = Vector512.Sum(a + b + c + d) + _sink;
        }
    }

    private sealed class MultiplyJob : ParallelJob
    {
        public const int Parts = 16;
        public const double Flops = (double)Parts * Steps * Accumulators * 2 * 16;
        private const int Steps = 200_000;
        private const int Accumulators = 10;
        private volatile float _sink;

        public override void RunPart(int part)
        {
            Vector512<float> x = Vector512.Create(1.0000001f), y = Vector512.Create(1e-9f);
            Vector512<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y;
            for (int step = 0; step < Steps; step++)
            {
                a = Vector512.FusedMultiplyAdd(a, x, y);
                b = Vector512.FusedMultiplyAdd(b, x, y);
                c = Vector512.FusedMultiplyAdd(c, x, y);
                d = Vector512.FusedMultiplyAdd(d, x, y);
                e = Vector512.FusedMultiplyAdd(e, x, y);
                f = Vector512.FusedMultiplyAdd(f, x, y);
                g = Vector512.FusedMultiplyAdd(g, x, y);
                h = Vector512.FusedMultiplyAdd(h, x, y);
                i = Vector512.FusedMultiplyAdd(i, x, y);
                j = Vector512.FusedMultiplyAdd(j, x, y);
            }

            _sink = Vector512.Sum(a + b + c + d + e + f + g + h + i + j) + _sink;
        }
    }
}
