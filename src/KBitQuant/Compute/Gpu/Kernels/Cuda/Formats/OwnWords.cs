using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>The lane's own: eight consecutive columns of each 32. From k = 3 on, eight lanes' lie in four runs of 128 bytes.</summary>
internal readonly struct OwnWords : ICodeWords
{
    /// <summary>Where a lane's first word is in a slice.</summary>
    /// <param name="bits">k.</param>
    /// <param name="lane">The lane.</param>
    public static int Offset(int bits, int lane) => PackedLayout.LanePlace(bits, lane) * 16;

    public Words4 Load(long address, int index) => PtxMemory.LoadOnce4(address + (index * PackedLayout.SliceBytesPerBit));
}
