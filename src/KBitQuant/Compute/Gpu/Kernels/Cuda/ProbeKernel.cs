using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Tells where shared memory begins (<see cref="PtxMemory.SharedStart"/>).</summary>
internal static class ProbeKernel
{
    /// <summary>Threads of its group.</summary>
    public const int GroupSize = 32;

    public static void Run(Arguments arguments) => PtxMemory.StoreShort(arguments.Result, PtxMemory.DynamicShared());

    /// <summary>The parameter.</summary>
    internal struct Arguments
    {
        /// <summary>The address of 2 bytes for the lower half of the shared address.</summary>
        public long Result;
    }
}
