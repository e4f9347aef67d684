using System.Buffers;
using System.Runtime.CompilerServices;
using KBitQuant.Packing;
using KBitQuant.Threading;

namespace KBitQuant.Quantization;

/// <summary>
/// Quantizes a span in items of whole packed groups. Where blocks are short an item holds whole blocks and finds the constants of a few
/// right before it encodes them, while they are in the first-level cache; long blocks have their constants found first, by
/// <see cref="ConstantsJob{T}"/>.
/// </summary>
internal sealed unsafe class QuantizeJob<T> : ParallelJob
    where T : unmanaged
{
    /// <summary>Blocks up to this length lie within one item.</summary>
    private const int MaxFusedBlock = 1 << 16;

    /// <summary>An item is at least this long: 64 KB of float input, half of a small L2 cache.</summary>
    private const int MinItemLength = 1 << 14;

    [ThreadStatic]
    private static QuantizeJob<T>? _cached;

    private readonly ConstantsJob<T> _constants = new();
    private byte* _codes;
    private int _itemLength;
    private bool _isFused;

    /// <summary>Quantizes; see <see cref="BlockwiseQuantizer"/> for the lengths.</summary>
    /// <returns>The first block with a value that is not finite, or -1.</returns>
    public static int Run(Workers workers, ReadOnlySpan<T> source, QuantizationScheme scheme, Span<byte> codes, Span<float> constants, Span<float> offsets)
    {
        QuantizeJob<T> job = _cached ??= new();
        fixed (T* sourcePointer = source)
        fixed (byte* codesPointer = codes)
        fixed (float* constantsPointer = constants)
        fixed (float* offsetsPointer = offsets)
        {
            job._codes = codesPointer;
            job._constants.Set(sourcePointer, source.Length, scheme, constantsPointer, offsetsPointer);
            return job.Run(workers, source.Length, scheme);
        }
    }

    public override void RunPart(int part)
    {
        int start = part * _itemLength;
        int end = Math.Min(start + _itemLength, _constants.Length);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(end - start);
        Span<byte> codes = buffer.AsSpan(0, end - start);
        // Whole blocks, or an item's share of the only one.
        int step = _isFused ? Math.Max(ConstantsJob<T>.ChunkLength / _constants.BlockSize, 1) * _constants.BlockSize : _itemLength;
        for (int done = 0; done < codes.Length; done += step)
        {
            Span<byte> stepCodes = codes.Slice(done, Math.Min(step, codes.Length - done));
            if (_isFused)
                _constants.FindConstants((start + done) / _constants.BlockSize, (int)(((long)start + done + stepCodes.Length + _constants.BlockSize - 1) / _constants.BlockSize));
            Encode(start + done, stepCodes);
        }

        int bits = _constants.Scheme.DataType.Bits;
        int firstByte = (int)((long)start * bits / 8);
        BitPacking.Pack(codes, bits, new Span<byte>(_codes + firstByte, BitPacking.PackedLength(codes.Length, bits)));
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private int Run(Workers workers, int length, QuantizationScheme scheme)
    {
        int blockSize = _constants.BlockSize;
        _isFused = blockSize <= MaxFusedBlock;
        int unit = _isFused ? LeastCommonMultipleWithGroup(blockSize) : BitPacking.GroupLength;
        _itemLength = Math.Max(MinItemLength / unit, 1) * unit;
        if (!_isFused)
            workers.Run(_constants, scheme.BlockCount(length));
        workers.Run(this, (int)(((long)length + _itemLength - 1) / _itemLength));
        return _constants.FirstBadBlock;
    }

    /// <summary>Encodes whole blocks or, a chunk at a time, parts of long ones.</summary>
    [SkipLocalsInit]
    private void Encode(int start, Span<byte> codes)
    {
        Span<float> values = stackalloc float[ConstantsJob<T>.ChunkLength];
        for (int done = 0; done < codes.Length;)
        {
            int at = start + done;
            int block = at / _constants.BlockSize;
            int count = Math.Min(codes.Length - done, values.Length);
            if (_constants.BlockSize > values.Length)
                count = (int)Math.Min(count, ((block + 1L) * _constants.BlockSize) - at);
            ReadOnlySpan<float> chunk = _constants.ReadChunk(at, values[..count]);
            NearestEntry.Encode(chunk, _constants.ScalesFrom(block), _constants.Scheme.DataType.Search, codes.Slice(done, count));
            done += count;
        }
    }

    private static int LeastCommonMultipleWithGroup(int blockSize)
    {
        int factor = BitPacking.GroupLength;
        while (factor > 1 && (long)blockSize * factor / 2 % BitPacking.GroupLength == 0)
            factor /= 2;
        return blockSize * factor;
    }
}
