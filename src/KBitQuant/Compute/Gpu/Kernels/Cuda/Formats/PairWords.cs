using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>From k = 3 on: word t of lanes 4g to 4g + 3, for lane 4g + t, from global memory: of each 32 columns 2t, 2t + 1, 2t + 8, 2t + 9 and so on.</summary>
internal readonly struct PairWords : ICodeWords
{
    /// <summary>Bytes from a lane's word to that of the next lane of the quad.</summary>
    private const int LaneStep = 8 * 16;

    /// <summary>Where a lane's first word is in a slice.</summary>
    public static int Offset(int lane) => lane * sizeof(uint);

    public Words4 Load(long address, int index)
    {
        address += index * PackedLayout.SliceBytesPerBit;
        return new()
        {
            X = PtxMemory.LoadOnceWord(address),
            Y = PtxMemory.LoadOnceWord(address + LaneStep),
            Z = PtxMemory.LoadOnceWord(address + (2 * LaneStep)),
            W = PtxMemory.LoadOnceWord(address + (3 * LaneStep)),
        };
    }
}
