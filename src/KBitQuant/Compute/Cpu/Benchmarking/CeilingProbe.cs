using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KBitQuant.Compute.Benchmarking;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Benchmarking;

/// <summary>Measures ceilings between other alternatives: its passes take their turns among theirs.</summary>
internal sealed class CeilingProbe : IDisposable
{
    private readonly ReadJob _read = new();
    private readonly MultiplyJob _multiply = new();

    public CeilingProbe(Workers workers) => Passes =
    [
        new(() => workers.Run(_read, ReadJob.Parts)),
        new(() => workers.Run(_multiply, MultiplyJob.Parts)),
    ];

    public IReadOnlyList<TimedPass> Passes { get; }

    /// <summary>What the times of <see cref="Passes"/> mean; further times may follow theirs.</summary>
    public Ceilings Result(IReadOnlyList<Timing> timings) =>
        new(_read.Bytes / timings[0].Median / 1e9, MultiplyJob.Flops / timings[1].Median / 1e9);

    public void Dispose() => _read.Dispose();

    /// <summary>Reads as much memory as weights of a comparison rotate over.</summary>
    private sealed unsafe class ReadJob : ParallelJob, IDisposable
    {
        public const int Parts = 64;
        private const int Stride = 4;
        private readonly long _partLength = ProcessorInfo.RotationBytes / sizeof(float) / Parts;
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
}
