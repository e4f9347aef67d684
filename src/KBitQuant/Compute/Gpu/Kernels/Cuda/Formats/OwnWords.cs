using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>The lane's own: eight consecutive columns of each 32.</summary>
internal readonly struct OwnWords : ICodeWords
{
    public int Offset(int lane) => PackedLayout.LanePlace(lane) * 16;

    public Words4 Load(long address) => PtxMemory.LoadOnce4(address);
}
