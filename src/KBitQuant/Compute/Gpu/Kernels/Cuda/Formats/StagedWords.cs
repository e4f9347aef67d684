using KBitQuant.Compute.Gpu.Kernels.Cuda.Values;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>The lane's own: eight consecutive columns of each 32. From shared memory (<see cref="StagedCodes{TValues}"/>).</summary>
internal readonly struct StagedWords<TValues> : ICodeWords
    where TValues : struct, ICodeValues
{
    public Words4 Load(long address, int index) => PtxMemory.LoadShared4((uint)address + (uint)(index * StagedCodes<TValues>.WordStride));
}
