using KBitQuant.Numerics;
using KBitQuant.Threading;

namespace KBitQuant.Quantization;

/// <summary>Dequantizes a span in items of whole packed groups, and rounds to the element type.</summary>
internal sealed unsafe class DequantizeJob<T> : ParallelJob
    where T : unmanaged
{
    private const int ItemLength = 1 << 14;

    /// <summary>Values decoded at a time before they are rounded; they stay in the L1 cache.</summary>
    private const int ChunkLength = 2048;

    [ThreadStatic]
    private static DequantizeJob<T>? _cached;

    private BlockDecoder _decoder;
    private T* _destination;
    private int _length;

    /// <summary>Dequantizes all elements; an empty offset span stands for zeros.</summary>
    public static void Run(ReadOnlySpan<byte> codes, QuantizationScheme scheme, ReadOnlySpan<float> constants, ReadOnlySpan<float> offsets, Span<T> destination)
    {
        DequantizeJob<T> job = _cached ??= new();
        fixed (T* destinationPointer = destination)
        fixed (byte* codesPointer = codes)
        fixed (float* constantsPointer = constants)
        fixed (float* offsetsPointer = offsets)
        {
            job._destination = destinationPointer;
            job._length = destination.Length;
            job._decoder = new BlockDecoder(scheme, destination.Length, codesPointer, constantsPointer, offsetsPointer);
            Workers.Default.Run(job, (int)(((long)destination.Length + ItemLength - 1) / ItemLength));
        }
    }

    public override void RunPart(int part)
    {
        int start = part * ItemLength;
        int count = Math.Min(ItemLength, _length - start);
        if (typeof(T) == typeof(float))
        {
            _decoder.Decode(start, new Span<float>(_destination + start, count));
            return;
        }

        Span<float> buffer = stackalloc float[ChunkLength];
        for (int done = 0; done < count; done += ChunkLength)
        {
            Span<float> chunk = buffer[..Math.Min(ChunkLength, count - done)];
            _decoder.Decode(start + done, chunk);
            Elements.FromSingle<T>(chunk, new Span<T>(_destination + start + done, chunk.Length));
        }
    }
}
