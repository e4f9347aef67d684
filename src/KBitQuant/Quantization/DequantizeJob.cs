using KBitQuant.Threading;

namespace KBitQuant.Quantization;

/// <summary>Dequantizes a span in items of whole packed groups, and rounds to the element type.</summary>
internal sealed unsafe class DequantizeJob<T> : ParallelJob
    where T : unmanaged
{
    private const int ItemLength = 1 << 14;

    /// <summary>At the end of an item that is streamed its stores are waited for.</summary>
    private const int StreamedItemLength = 1 << 17;

    [ThreadStatic]
    private static DequantizeJob<T>? _cached;

    private BlockDecoder _decoder;
    private T* _destination;
    private int _length;
    private int _itemLength;
    private bool _pastCaches;

    /// <summary>Dequantizes all elements; an empty offset span stands for zeros.</summary>
    public static void Run(
        Workers workers, ReadOnlySpan<byte> codes, QuantizationScheme scheme, ReadOnlySpan<float> constants, ReadOnlySpan<float> offsets, Span<T> destination)
    {
        DequantizeJob<T> job = _cached ??= new();
        fixed (T* destinationPointer = destination)
        fixed (byte* codesPointer = codes)
        fixed (float* constantsPointer = constants)
        fixed (float* offsetsPointer = offsets)
        {
            job._destination = destinationPointer;
            job._length = destination.Length;
            job._pastCaches = OutputStreaming.Suits(destinationPointer, (long)destination.Length * sizeof(T));
            job._itemLength = job._pastCaches ? StreamedItemLength : ItemLength;
            job._decoder = new BlockDecoder(scheme, destination.Length, codesPointer, constantsPointer, offsetsPointer);
            workers.Run(job, (int)(((long)destination.Length + job._itemLength - 1) / job._itemLength));
        }
    }

    public override void RunPart(int part)
    {
        int start = part * _itemLength;
        var values = new Span<T>(_destination + start, Math.Min(_itemLength, _length - start));
        _decoder.Decode(start, values, _pastCaches);
    }
}
