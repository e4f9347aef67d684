using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Numerics;
using KBitQuant.Packing;

namespace KBitQuant.Quantization;

/// <summary>Decodes any range of a quantized span to float: unpack, look up, scale. The pointers are the caller's to keep valid.</summary>
internal readonly unsafe struct BlockDecoder
{
    /// <summary>Values decoded at a time; their codes stay in the L1 cache.</summary>
    private const int ChunkLength = 2048;

    private const int Lanes = FusedDecoder.Lanes;
    private const int ChunkVectors = ChunkLength / Lanes;
    private const int ChunkSteps = ChunkLength / FusedDecoder.StepLength;

    private readonly QuantizationScheme _scheme;
    private readonly byte* _codes;
    private readonly float* _constants;
    private readonly float* _offsets;
    private readonly int _packedLength;
    private readonly int _blockSize;

    /// <param name="scheme">The scheme.</param>
    /// <param name="length">Elements of the whole tensor.</param>
    /// <param name="codes">Its packed codes.</param>
    /// <param name="constants">A constant for each block.</param>
    /// <param name="offsets">An offset for each block, or null.</param>
    public BlockDecoder(QuantizationScheme scheme, int length, byte* codes, float* constants, float* offsets)
    {
        _scheme = scheme;
        _codes = codes;
        _constants = constants;
        _offsets = offsets;
        _packedLength = BitPacking.PackedLength(length, scheme.DataType.Bits);
        _blockSize = scheme.BlockSizeFor(length);
    }

    /// <summary>Decodes the elements from <paramref name="start"/> on, and rounds them to the element type.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="start">The first element.</param>
    /// <param name="values">Receives as many as it is long.</param>
    public void Decode<T>(int start, Span<T> values)
        where T : unmanaged
    {
        fixed (float* table = _scheme.DataType.Lookup)
        fixed (byte* planes = _scheme.DataType.LookupPlanes)
        fixed (T* destination = values)
        {
            var view = new TableView(table, planes);
            int done = 0;
            if (FusedDecoder.IsSupported && _blockSize % Lanes == 0)
            {
                int unit = ScalesTable<T>() ? FusedDecoder.StepLength : Lanes;
                done = Math.Min(-start & (unit - 1), values.Length);
                if (done > 0)
                    DecodeStepwise(start, done, view, destination);
                done += DecodeFused(start + done, values.Length - done, view, destination + done);
            }

            for (; done < values.Length; done += ChunkLength)
                DecodeStepwise(start + done, Math.Min(ChunkLength, values.Length - done), view, destination + done);
        }
    }

    private bool ScalesTable<T>()
        where T : unmanaged =>
        typeof(T) != typeof(float) && _scheme.DataType.Bits <= ScaledTableDecoder<T>.MaxBits && _blockSize % FusedDecoder.StepLength == 0;

    /// <summary>Decodes whole steps of vectors of 16 values, of which none straddles blocks.</summary>
    /// <returns>How many values are done.</returns>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int DecodeFused<T>(int start, int length, TableView table, T* destination)
        where T : unmanaged
    {
        int bits = _scheme.DataType.Bits;
        long firstByte = (long)start / BitPacking.GroupLength * bits;
        int steps = (int)Math.Min(length / FusedDecoder.StepLength, FusedDecoder.FittingSteps(bits, _packedLength - firstByte));
        // Scales are written a vector at a time, beyond their end too.
        float* constants = stackalloc float[ChunkVectors + Lanes];
        float* offsets = stackalloc float[ChunkVectors + Lanes];
        var scales = new VectorScales(constants, offsets);
        for (int done = 0; done < steps; done += ChunkSteps)
        {
            int count = Math.Min(ChunkSteps, steps - done);
            int values = done * FusedDecoder.StepLength;
            Spread(_constants, false, start + values, count * FusedDecoder.StepVectors, constants);
            Spread(_offsets, true, start + values, count * FusedDecoder.StepVectors, offsets);
            byte* codes = _codes + firstByte + ((long)done * FusedDecoder.StepBytes(bits));
            if (ScalesTable<T>())
                ScaledTableDecoder<T>.Decode(bits, codes, count, table.Entries, scales, destination + values);
            else
                FusedDecoder<T>.Decode(bits, codes, count, table.Entries, table.Planes, scales, destination + values);
        }

        return steps * FusedDecoder.StepLength;
    }

    /// <summary>Writes for each vector of 16 values its block's number; for offsets that are 0 or missing, -0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Spread(float* ofBlocks, bool isOffset, int start, int vectors, float* spread)
    {
        int block = ofBlocks is null ? 0 : start / _blockSize;
        int left = ofBlocks is null ? vectors : (_blockSize - (start % _blockSize)) / Lanes;
        for (int i = 0; i < vectors; block++)
        {
            float value = ofBlocks is null ? 0 : ofBlocks[block];
            Vector512<float> repeated = Vector512.Create(isOffset && value == 0 ? -0f : value);
            int end = Math.Min(i + left, vectors);
            for (; i < end; i += Lanes)
                repeated.Store(spread + i);
            i = end;
            left = _blockSize / Lanes;
        }
    }

    /// <summary>Unpacks at most a chunk of codes, then looks them up a few blocks, or a part of one, at a time.</summary>
    [SkipLocalsInit]
    private void DecodeStepwise<T>(int start, int length, TableView table, T* destination)
        where T : unmanaged
    {
        byte* unpacked = stackalloc byte[ChunkLength];
        byte* codes = Unpack(start, length, unpacked);
        for (int done = 0; done < length;)
        {
            int block = (start + done) / _blockSize;
            int left = (int)Math.Min(((block + 1L) * _blockSize) - start, length) - done;
            float* offsets = _offsets is null ? null : _offsets + block;
            int whole = left == _blockSize ? (length - done) / _blockSize : 1;
            int decoded = DecodeWhole(codes + done, whole, left, table, _constants + block, offsets, destination + done);
            done += decoded;
            if (decoded == whole * left)
                continue;
            DecodeValues(codes + done, left - decoded, table, _constants[block], offsets is null ? 0 : *offsets, destination + done);
            done += left - decoded;
        }
    }

    /// <summary>Decodes some blocks, or the part of one that is whole steps, with AVX2.</summary>
    /// <returns>How many values are done.</returns>
    private int DecodeWhole<T>(byte* codes, int blocks, int length, TableView table, float* constants, float* offsets, T* destination)
        where T : unmanaged
    {
        bool isSmall = _scheme.DataType.Bits <= ScaledPlanes<T>.MaxBits;
        int steps = length & -(isSmall ? ScaledPlanes<T>.StepLength : EntryDecoder.StepLength);
        if (steps == 0 || !(isSmall ? ScaledPlanes<T>.IsSupported : EntryDecoder.IsSupported))
            return 0;
        blocks = steps == length ? blocks : 1;
        if (!isSmall)
            return EntryDecoder.Decode(codes, blocks, steps, _scheme.DataType, table.Entries, constants, offsets, destination);
        ScaledPlanes<T>.Decode(codes, blocks, steps, _scheme.DataType.Bits, table.Entries, constants, offsets, destination);
        return blocks * steps;
    }

    /// <summary>Codes, one a byte: in the buffer, or where they are.</summary>
    private byte* Unpack(int start, int length, byte* buffer)
    {
        if (_scheme.DataType.Bits == BitPacking.MaxBits)
            return _codes + start;
        BitPacking.Unpack(new ReadOnlySpan<byte>(_codes, _packedLength), _scheme.DataType.Bits, start, new Span<byte>(buffer, length));
        return buffer;
    }

    /// <summary>Decodes a part of a block to floats, and rounds them to the element type.</summary>
    [SkipLocalsInit]
    private void DecodeValues<T>(byte* codes, int length, TableView table, float constant, float offset, T* destination)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            CodebookLookup.Decode(codes, length, _scheme.DataType, table.Entries, table.Planes, constant, offset, (float*)destination);
            return;
        }

        float* values = stackalloc float[ChunkLength];
        CodebookLookup.Decode(codes, length, _scheme.DataType, table.Entries, table.Planes, constant, offset, values);
        Elements.FromSingle(new ReadOnlySpan<float>(values, length), new Span<T>(destination, length));
    }

    /// <summary>The table as both ways of looking up need it.</summary>
    private readonly struct TableView
    {
        public TableView(float* entries, byte* planes)
        {
            Entries = entries;
            Planes = planes;
        }

        public float* Entries { get; }

        public byte* Planes { get; }
    }
}
