using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>The lane's own: eight consecutive columns of each 32. From shared memory (<see cref="StagedCodes"/>).</summary>
internal readonly struct StagedWords : ICodeWords
{
    public Words4 Load(long address, int index) => PtxMemory.LoadShared4((uint)address + (uint)(index * StagedCodes.WordStride));
}
