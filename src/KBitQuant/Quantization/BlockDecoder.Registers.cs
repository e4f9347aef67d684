using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Quantization;

/// <content>Floats with AVX2: in registers that begin where the output is aligned, wherever blocks and bytes of codes begin.</content>
internal readonly unsafe partial struct BlockDecoder
{
    /// <summary>Whether it is known how, and each block begins in the same lane.</summary>
    private bool CanDecodeRegisters => FloatDecoder.IsSupported(_scheme.DataType.Bits)
        && (_blockSize % RegisterBlocks.Lanes == 0 || _blockSize >= _length);

    private void DecodeRegisters(int start, int length, TableView table, float* destination, bool pastCaches)
    {
        int lead = pastCaches ? Math.Min(-OutputStreaming.LanesBeyond(destination, Vector256<byte>.Count) & (RegisterBlocks.Lanes - 1), length) : 0;
        DecodeValues(start, lead, table, destination);
        long readable = _packedLength - FirstByte(start + lead, out _);
        int registers = (int)Math.Min((length - lead) / RegisterBlocks.Lanes, FloatDecoder.FittingRegisters(_scheme.DataType.Bits, readable));
        int end = lead + (registers * RegisterBlocks.Lanes);
        for (int done = lead; done < end; done += ChunkLength)
        {
            int count = Math.Min(ChunkLength, end - done);
            if (pastCaches)
                OutputStreaming.FindPages(destination + done + ChunkLength, ChunkLength * sizeof(float));
            PrefetchCodes(start + done + ChunkLength);
            byte* codes = _codes + FirstByte(start + done, out int shift);
            var blocks = new RegisterBlocks(_constants, _offsets, _blockSize, start + done);
            FloatDecoder.Decode(_scheme.DataType, table.Entries, codes, shift, blocks, count / RegisterBlocks.Lanes, destination + done, pastCaches);
        }

        if (pastCaches)
            Sse.StoreFence();
        DecodeValues(start + end, length - end, table, destination + end);
    }

    /// <summary>The byte where a code begins, and the bit of it.</summary>
    private long FirstByte(int start, out int shift)
    {
        long bit = (long)start * _scheme.DataType.Bits;
        shift = (int)(bit % 8);
        return bit / 8;
    }
}
