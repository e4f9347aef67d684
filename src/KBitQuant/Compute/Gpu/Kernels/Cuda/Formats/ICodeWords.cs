using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>Which four 32-bit words of a quad's sixteen a lane takes (<see cref="PackedLayout"/>), and from where.</summary>
internal interface ICodeWords
{
    /// <summary>Loads the four, of one of a slice's 16-byte words of each lane.</summary>
    /// <param name="address">The lane's address of the slice.</param>
    /// <param name="index">Which of the 16-byte words.</param>
    Words4 Load(long address, int index);
}
