using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>Word t of lanes 4g to 4g + 3, for lane 4g + t: of each 32 columns 2t, 2t + 1, 2t + 8, 2t + 9 and so on.</summary>
internal readonly struct PairWords : ICodeWords
{
    /// <summary>Bytes from a lane's word to that of the next lane of the quad.</summary>
    private const int LaneStep = 8 * 16;

    public int Offset(int lane) => lane * sizeof(uint);

    public Words4 Load(long address) => new()
    {
        X = PtxMemory.LoadOnceWord(address),
        Y = PtxMemory.LoadOnceWord(address + LaneStep),
        Z = PtxMemory.LoadOnceWord(address + (2 * LaneStep)),
        W = PtxMemory.LoadOnceWord(address + (3 * LaneStep)),
    };
}
