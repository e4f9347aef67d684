using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using KBitQuant.Numerics;
using KBitQuant.Threading;

namespace KBitQuant.Quantization;

/// <summary>Finds the offset and constant of each block: offset by the scheme's rule, constant = largest |x - offset|, both rounded
/// to their format, the offset before the constant is found.</summary>
internal sealed unsafe class ConstantsJob<T> : ParallelJob
    where T : unmanaged
{
    /// <summary>Values converted to float at a time; they stay in the L1 cache.</summary>
    public const int ChunkLength = 2048;

    private T* _source;
    private float* _constants;
    private float* _offsets;
    private int _firstBadBlock;

    public int Length { get; private set; }

    public int BlockSize { get; private set; }

    public QuantizationScheme Scheme { get; private set; } = null!;

    /// <summary>The first block with a value that is not finite, or -1.</summary>
    public int FirstBadBlock => _firstBadBlock == int.MaxValue ? -1 : _firstBadBlock;

    public void Set(T* source, int length, QuantizationScheme scheme, float* constants, float* offsets)
    {
        _source = source;
        _constants = constants;
        _offsets = offsets;
        (Length, Scheme, BlockSize) = (length, scheme, scheme.BlockSizeFor(length));
        _firstBadBlock = int.MaxValue;
    }

    public override void RunPart(int part) => FindConstants(part, part + 1);

    /// <summary>What the blocks from <paramref name="firstBlock"/> on are scaled by.</summary>
    public BlockScales ScalesFrom(int firstBlock) =>
        new(BlockSize, _constants + firstBlock, Scheme.Offset == BlockOffset.None ? null : _offsets + firstBlock);

    /// <summary>Values from <paramref name="start"/> on as floats: the source itself, or converted into the buffer.</summary>
    public ReadOnlySpan<float> ReadChunk(int start, Span<float> buffer)
    {
        if (typeof(T) == typeof(float))
            return new ReadOnlySpan<float>(_source + start, buffer.Length);
        Elements.ToSingle(new ReadOnlySpan<T>(_source + start, buffer.Length), buffer);
        return buffer;
    }

    public void FindConstants(int firstBlock, int endBlock)
    {
        if (Scheme.Offset != BlockOffset.None)
            FindOffsets(firstBlock, endBlock);
        for (int block = firstBlock; block < endBlock; block++)
        {
            (int start, int count) = BoundsOf(block);
            float constant = Scheme.Offset == BlockOffset.None ? AbsMax.Of(new ReadOnlySpan<T>(_source + start, count)) : LargestDistance(block);
            if (!float.IsFinite(constant))
                constant = NoteBadBlock(block);
            _constants[block] = constant;
        }

        var constants = new Span<float>(_constants + firstBlock, endBlock - firstBlock);
        Scheme.DirectConstants.Round(constants);
        foreach (ref float constant in constants)
            constant = constant < ConstantFormat.SmallestConstant ? 0 : constant;
    }

    /// <summary>Where a value is not finite, so is its distance from whatever comes out here.</summary>
    [SkipLocalsInit]
    private void FindOffsets(int firstBlock, int endBlock)
    {
        Span<float> buffer = stackalloc float[ChunkLength];
        for (int block = firstBlock; block < endBlock; block++)
        {
            (int start, int count) = BoundsOf(block);
            double sum = 0;
            float minimum = float.PositiveInfinity;
            for (int done = 0; done < count; done += ChunkLength)
            {
                ReadOnlySpan<float> chunk = ReadChunk(start + done, buffer[..Math.Min(ChunkLength, count - done)]);
                if (Scheme.Offset == BlockOffset.Minimum)
                    minimum = Math.Min(minimum, TensorPrimitives.Min(chunk));
                else
                    sum += Sum(chunk);
            }

            _offsets[block] = Scheme.Offset == BlockOffset.Minimum ? minimum : (float)(sum / count);
        }

        Scheme.Constants.Round(new Span<float>(_offsets + firstBlock, endBlock - firstBlock));
    }

    [SkipLocalsInit]
    private float LargestDistance(int block)
    {
        Span<float> buffer = stackalloc float[ChunkLength];
        (int start, int count) = BoundsOf(block);
        float largest = 0;
        for (int done = 0; done < count; done += ChunkLength)
        {
            ReadOnlySpan<float> chunk = ReadChunk(start + done, buffer[..Math.Min(ChunkLength, count - done)]);
            TensorPrimitives.Subtract(chunk, _offsets[block], buffer);
            largest = Math.Max(largest, AbsMax.Of<float>(buffer[..chunk.Length]));
        }

        return largest;
    }

    private (int Start, int Count) BoundsOf(int block) => (block * BlockSize, Math.Min(BlockSize, Length - (block * BlockSize)));

    /// <summary>A sum in double, in this order on every machine, so that codes are the same everywhere.</summary>
    private static double Sum(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
            sum += value;
        return sum;
    }

    private float NoteBadBlock(int block)
    {
        int seen;
        while (block < (seen = Volatile.Read(ref _firstBadBlock)))
            Interlocked.CompareExchange(ref _firstBadBlock, block, seen);
        return 0;
    }
}
