using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>Which four 32-bit words of a quad's sixteen a lane takes (<see cref="PackedLayout"/>).</summary>
internal interface ICodeWords
{
    /// <summary>Where a lane's first word is.</summary>
    int Offset(int lane);

    /// <summary>Loads the four.</summary>
    /// <param name="address">Where the first one is.</param>
    Words4 Load(long address);
}
