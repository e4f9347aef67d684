using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.Quantization;

/// <content>Steps with AVX-512 VBMI: vectors of 16 values, of which none straddles blocks.</content>
internal readonly unsafe partial struct BlockDecoder
{
    private const int ChunkVectors = ChunkLength / Lanes;

    /// <summary>Whether the table is scaled and rounded once a block.</summary>
    private bool ScalesTable<T>()
        where T : unmanaged =>
        typeof(T) != typeof(float) && _scheme.DataType.Bits <= ScaledTableDecoder<T>.MaxBits
        && (_blockSize % FusedDecoder.StepLength == 0 || _blockSize >= _length);

    private void StreamFused<T>(int start, int length, TableView table, T* destination)
        where T : unmanaged
    {
        var streamed = new StreamedOutput512(destination);
        DecodeFused<T, StreamedOutput512>(start, length, table, ref streamed);
        streamed.End();
    }

    private void DecodeFused<T, TOutput>(int start, int length, TableView table, ref TOutput output)
        where T : unmanaged
        where TOutput : struct, IOutput<Vector512<byte>>
    {
        if (_offsets is null)
            DecodeFused<T, NoOffsets, TOutput>(start, length, table, ref output);
        else
            DecodeFused<T, OffsetPerBlock, TOutput>(start, length, table, ref output);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DecodeFused<T, TOffsets, TOutput>(int start, int length, TableView table, ref TOutput output)
        where T : unmanaged
        where TOffsets : struct, IOffsets
        where TOutput : struct, IOutput<Vector512<byte>>
    {
        int bits = _scheme.DataType.Bits;
        // Scales are written a vector at a time, beyond their end too.
        float* constants = stackalloc float[ChunkVectors + Lanes];
        float* offsets = stackalloc float[ChunkVectors + Lanes];
        var scales = new VectorScales<TOffsets>(constants, offsets);
        for (int done = 0; done < length; done += ChunkLength)
        {
            int count = Math.Min(ChunkLength, length - done);
            Spread(_constants, Rounding.Scale<T>(), false, start + done, count / Lanes, constants);
            if (TOffsets.Any)
                Spread(_offsets, Rounding.Scale<T>(), true, start + done, count / Lanes, offsets);
            byte* codes = CodesAt(start + done);
            int steps = count / FusedDecoder.StepLength;
            if (ScalesTable<T>())
                ScaledTableDecoder<T>.Decode(bits, codes, steps, table.Entries, scales, ref output);
            else
                FusedDecoder<T, TOffsets>.Decode(_scheme.DataType, codes, steps, table.Entries, table.Planes, scales, ref output);
        }
    }

    /// <summary>Writes for each vector of 16 values its block's number times a power of two; for offsets that are 0, -0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Spread(float* ofBlocks, float scale, bool isOffset, int start, int vectors, float* spread)
    {
        int block = start / _blockSize;
        int left = (_blockSize - (start % _blockSize)) / Lanes;
        for (int i = 0; i < vectors; block++)
        {
            float value = ofBlocks[block];
            Vector512<float> repeated = Vector512.Create(isOffset && value == 0 ? -0f : value * scale);
            int end = Math.Min(i + left, vectors);
            for (; i < end; i += Lanes)
                repeated.Store(spread + i);
            i = end;
            left = _blockSize / Lanes;
        }
    }
}
