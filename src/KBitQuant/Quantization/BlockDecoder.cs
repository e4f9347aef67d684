using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Numerics;
using KBitQuant.Packing;

namespace KBitQuant.Quantization;

/// <summary>Decodes any range of a quantized span to float: unpack, look up, scale. The pointers are the caller's to keep valid.</summary>
internal readonly unsafe partial struct BlockDecoder
{
    /// <summary>Values decoded at a time; their codes stay in the L1 cache.</summary>
    private const int ChunkLength = 2048;

    /// <summary>Values before those that are streamed: the least that leaves the registers' length behind them.</summary>
    private const int HeadLength = FusedDecoder.StepLength;

    private const int Lanes = FusedDecoder.Lanes;

    private readonly QuantizationScheme _scheme;
    private readonly byte* _codes;
    private readonly float* _constants;
    private readonly float* _offsets;
    private readonly int _length;
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
        _length = length;
        _packedLength = BitPacking.PackedLength(length, scheme.DataType.Bits);
        _blockSize = scheme.BlockSizeFor(length);
    }

    /// <summary>Decodes the elements from <paramref name="start"/> on, and rounds them to the element type.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="start">The first element.</param>
    /// <param name="values">Receives as many as it is long.</param>
    /// <param name="pastCaches">Whether to store them past the caches (<see cref="OutputStreaming"/>).</param>
    public void Decode<T>(int start, Span<T> values, bool pastCaches = false)
        where T : unmanaged
    {
        fixed (float* table = _scheme.DataType.Lookup)
        fixed (byte* planes = _scheme.DataType.LookupPlanes)
        fixed (T* destination = values)
        {
            var view = new TableView(table, planes);
            int unit = Unit<T>(start, values.Length);
            if (typeof(T) == typeof(float) && unit == 0 && CanDecodeRegisters)
            {
                DecodeRegisters(start, values.Length, view, (float*)destination, pastCaches);
                return;
            }

            int lead = unit == 0 ? values.Length : Math.Min(-start & (unit - 1), values.Length);
            DecodeValues(start, lead, view, destination);
            int end = lead + WholeSteps<T>(start + lead, values.Length - lead);
            if (end > lead)
                DecodeSteps(start + lead, end - lead, view, destination + lead, pastCaches);
            // Seldom are there codes of NaN; this is found out when the codes are in the caches.
            if (typeof(T) != typeof(float) && _scheme.DataType.Small is { } small && small.AnyReserved(new ReadOnlySpan<byte>(_codes + start + lead, end - lead)))
                DecodeValues(start + lead, end - lead, view, destination + lead);
            DecodeValues(start + end, values.Length - end, view, destination + end);
        }
    }

    /// <summary>Where steps of registers may begin: at multiples of so many values, or nowhere (0) as they straddle blocks.</summary>
    private int Unit<T>(int start, int length)
        where T : unmanaged
    {
        int unit = typeof(T) != typeof(float) && !CanRound<T>(start, length) ? 0
            : FusedDecoder.IsSupported ? ScalesTable<T>() ? FusedDecoder.StepLength : Lanes
            : HasPlanes<T>() ? ScaledPlanes<T>.StepLength
            : typeof(T) != typeof(float) && EntryDecoder.IsSupported ? EntryDecoder.StepLength : 0;
        return unit > 0 && (_blockSize % unit == 0 || _blockSize >= _length) ? unit : 0;
    }

    /// <summary>How many values steps take, from where they may begin.</summary>
    private int WholeSteps<T>(int start, int length)
        where T : unmanaged
    {
        int bits = _scheme.DataType.Bits;
        long readable = _packedLength - ((long)start / BitPacking.GroupLength * bits);
        return FusedDecoder.IsSupported ? (int)Math.Min(length / FusedDecoder.StepLength, FusedDecoder.FittingSteps(bits, readable)) * FusedDecoder.StepLength
            : HasPlanes<T>() ? (int)Math.Min(length / ScaledPlanes<T>.StepLength, ScaledPlanes<T>.FittingSteps(bits, readable)) * ScaledPlanes<T>.StepLength
            : length & -EntryDecoder.StepLength;
    }

    private bool HasPlanes<T>()
        where T : unmanaged => ScaledPlanes<T>.Suits(_scheme.DataType);

    /// <summary>Whether <see cref="Rounding"/> can round all values of a range, but for those of a small float's reserved codes.</summary>
    private bool CanRound<T>(int start, int length)
        where T : unmanaged
    {
        int block = start / _blockSize;
        int blocks = length == 0 ? 0 : ((start + length - 1) / _blockSize) - block + 1;
        return (_scheme.DataType.IsFinite || _scheme.DataType.Small is not null)
            && MaxOf(_constants) + (_offsets is null ? 0 : MaxOf(_offsets)) < Rounding.Limit<T>();

        float MaxOf(float* ofBlocks) => AbsMax.Of(new ReadOnlySpan<float>(ofBlocks + block, blocks));
    }

    /// <summary>Decodes whole steps.</summary>
    private void DecodeSteps<T>(int start, int length, TableView table, T* destination, bool pastCaches)
        where T : unmanaged
    {
        int head = pastCaches ? Math.Min(HeadLength, length) : length;
        var cached = new CachedOutput(destination);
        if (FusedDecoder.IsSupported)
            DecodeFused<T, CachedOutput>(start, head, table, ref cached);
        else
            DecodeVectors<T, CachedOutput>(start, head, table, ref cached);
        if (head == length)
            return;
        if (FusedDecoder.IsSupported)
            StreamFused(start + head, length - head, table, destination + head);
        else
            StreamVectors(start + head, length - head, table, destination + head);
    }

    private void StreamVectors<T>(int start, int length, TableView table, T* destination)
        where T : unmanaged
    {
        var streamed = new StreamedOutput256(destination);
        for (int done = 0; done < length; done += ChunkLength)
        {
            OutputStreaming.FindPages(destination + done + ChunkLength, ChunkLength * sizeof(T));
            DecodeVectors<T, StreamedOutput256>(start + done, Math.Min(ChunkLength, length - done), table, ref streamed);
        }

        streamed.End();
    }

    /// <summary>The byte where a group of codes begins.</summary>
    private byte* CodesAt(int start) => _codes + ((long)start / BitPacking.GroupLength * _scheme.DataType.Bits);

    /// <summary>Steps with AVX2, of which none straddles blocks; larger tables have their codes unpacked a chunk at a time.</summary>
    [SkipLocalsInit]
    private void DecodeVectors<T, TOutput>(int start, int length, TableView table, ref TOutput output)
        where T : unmanaged
        where TOutput : struct, IOutput<Vector256<byte>>
    {
        byte* unpacked = stackalloc byte[ChunkLength];
        for (int done = 0; done < length; done += ChunkLength)
        {
            int count = Math.Min(ChunkLength, length - done);
            PrefetchCodes(start + done + ChunkLength);
            byte* codes = HasPlanes<T>() ? CodesAt(start + done) : Unpack(start + done, count, unpacked);
            DecodeBlocks<T, TOutput>(codes, start + done, count, table, ref output);
        }
    }

    /// <summary>Asks for the codes of a chunk.</summary>
    private void PrefetchCodes(int start)
    {
        byte* codes = CodesAt(start);
        for (int line = 0; line < ChunkLength / BitPacking.GroupLength * _scheme.DataType.Bits; line += CacheLine.Bytes)
            Sse.Prefetch0(codes + line);
    }

    /// <summary>Some blocks, and parts of the first and the last.</summary>
    private void DecodeBlocks<T, TOutput>(byte* codes, int start, int length, TableView table, ref TOutput output)
        where T : unmanaged
        where TOutput : struct, IOutput<Vector256<byte>>
    {
        for (int done = 0; done < length;)
        {
            int block = (start + done) / _blockSize;
            int left = (int)Math.Min(((block + 1L) * _blockSize) - start, length) - done;
            float* offsets = _offsets is null ? null : _offsets + block;
            int whole = left == _blockSize ? (length - done) / _blockSize : 1;
            if (HasPlanes<T>())
                ScaledPlanes<T>.Decode(codes + (CodesAt(start + done) - CodesAt(start)), whole, left, _scheme.DataType.Bits, table.Entries, _constants + block, offsets, ref output);
            else
                EntryDecoder.Decode<T, TOutput>(codes + done, whole, left, _scheme.DataType, table.Entries, _constants + block, offsets, ref output);
            done += whole * left;
        }
    }

    /// <summary>Decodes any values, a block or a part of one at a time.</summary>
    [SkipLocalsInit]
    private void DecodeValues<T>(int start, int length, TableView table, T* destination)
        where T : unmanaged
    {
        byte* unpacked = stackalloc byte[ChunkLength];
        for (int done = 0; done < length;)
        {
            int block = (start + done) / _blockSize;
            int count = (int)Math.Min(Math.Min(((block + 1L) * _blockSize) - start, length) - done, ChunkLength);
            DecodeValues(Unpack(start + done, count, unpacked), count, table, _constants[block], _offsets is null ? 0 : _offsets[block], destination + done);
            done += count;
        }
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
