using KBitQuant.DataTypes;
using KBitQuant.Packing;

namespace KBitQuant.Quantization;

/// <summary>Decodes any range of a quantized span to float: unpack, look up, scale. The pointers are the caller's to keep valid.</summary>
internal readonly unsafe struct BlockDecoder
{
    /// <summary>Codes unpacked at a time; they stay in the L1 cache.</summary>
    private const int ChunkLength = 2048;

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

    /// <summary>Decodes the elements from <paramref name="start"/> on.</summary>
    public void Decode(int start, Span<float> values)
    {
        Span<byte> buffer = stackalloc byte[ChunkLength];
        var packed = new ReadOnlySpan<byte>(_codes, _packedLength);
        for (int done = 0; done < values.Length; done += ChunkLength)
        {
            Span<float> chunk = values.Slice(done, Math.Min(ChunkLength, values.Length - done));
            Span<byte> codes = buffer[..chunk.Length];
            BitPacking.Unpack(packed, _scheme.DataType.Bits, start + done, codes);
            DecodeRuns(start + done, codes, chunk);
        }
    }

    /// <summary>A run is what lies in one block.</summary>
    private void DecodeRuns(int start, ReadOnlySpan<byte> codes, Span<float> values)
    {
        DataType type = _scheme.DataType;
        int block = start / _blockSize;
        int left = _blockSize - (start % _blockSize);
        fixed (float* table = type.Lookup)
        fixed (byte* planes = type.LookupPlanes)
        fixed (byte* source = codes)
        fixed (float* destination = values)
        {
            for (int done = 0; done < codes.Length; block++)
            {
                int count = Math.Min(left, codes.Length - done);
                float offset = _offsets is null ? 0 : _offsets[block];
                CodebookLookup.Decode(source + done, count, type.Bits, table, planes, _constants[block], offset, destination + done);
                done += count;
                left = _blockSize;
            }
        }
    }
}
