using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

internal readonly struct CompactWords : ICodeWords
{
    public Words4 Load(long address, int index) => PtxMemory.LoadShared4((uint)address + (uint)(index * 512));
}
