using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KBitQuant.Compute.Cpu;
using KBitQuant.Threading;

namespace KBitQuant.Benchmarks;

/// <summary>Measures ceilings between other alternatives: its passes take their turns among theirs.</summary>
internal sealed class CeilingProbe : IDisposable
{
    private readonly Workers _workers;
    private readonly ReadJob _read = new();

    public CeilingProbe(int threads)
    {
        _workers = new Workers(threads);
        var multiply = new MultiplyJob();
        Passes = [new TimedPass(() => _workers.Run(_read, ReadJob.Parts)), new TimedPass(() => _workers.Run(multiply, MultiplyJob.Parts))];
    }

    public IReadOnlyList<TimedPass> Passes { get; }

    /// <summary>What the times of <see cref="Passes"/> mean; further times may follow theirs.</summary>
    public Ceilings Result(IReadOnlyList<Timing> timings) =>
        new(_read.Bytes / timings[0].Median / 1e9, MultiplyJob.Flops / timings[1].Median / 1e9);

    public void Dispose()
    {
        _workers.Dispose();
        _read.Dispose();
    }

    /// <summary>Reads as much memory as weights of a comparison rotate over.</summary>
    private sealed unsafe class ReadJob : ParallelJob, IDisposable
    {
        public const int Parts = 64;
        private const int Stride = 4;
        private readonly long _partLength = Machine.RotationBytes / sizeof(float) / Parts;
        private readonly AlignedBuffer<float> _buffer;
        private volatile float _sink;

        public ReadJob()
        {
            _buffer = new AlignedBuffer<float>(_partLength * Parts);
            // Memory never written is one page of zeros.
            NativeMemory.Fill(_buffer.Pointer, (nuint)_buffer.ByteLength, 1);
        }

        public long Bytes => _buffer.ByteLength;

        public override void RunPart(int part)
        {
            float* values = _buffer.Pointer + (part * _partLength);
            float* end = values + _partLength - (Stride * Vector512<float>.Count);
            Vector512<float> a = Vector512<float>.Zero, b = a, c = a, d = a;
            for (; values <= end; values += Stride * Vector512<float>.Count)
            {
                a += Vector512.Load(values);
                b += Vector512.Load(values + Vector512<float>.Count);
                c += Vector512.Load(values + (2 * Vector512<float>.Count));
                d += Vector512.Load(values + (3 * Vector512<float>.Count));
            }

            _sink = Vector512.Sum(a + b + c + d) + _sink;
        }

        public void Dispose() => _buffer.Free();
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
