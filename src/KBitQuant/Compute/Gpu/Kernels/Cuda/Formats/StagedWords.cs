using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>The lane's own, eight consecutive columns of each 32, from a stage (<see cref="StagedCodes"/>).</summary>
internal readonly struct StagedWords : ICodeWords
{
    public Words4 Load(long address, int index) => PtxMemory.LoadShared4((uint)address + (uint)(index * StagedCodes.WordStride));
}
