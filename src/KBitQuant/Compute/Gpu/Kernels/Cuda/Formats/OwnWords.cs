using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>k = 2: the lane's own, eight consecutive columns of each 32.</summary>
internal readonly struct OwnWords : ICodeWords
{
    /// <summary>Where a lane's first word is in a slice.</summary>
    public static int Offset(int lane) => lane * 16;

    public Words4 Load(long address, int index) => PtxMemory.LoadOnce4(address + (index * PackedLayout.SliceBytesPerBit));
}
