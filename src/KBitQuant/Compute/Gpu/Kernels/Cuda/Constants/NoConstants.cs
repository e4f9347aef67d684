using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;

/// <summary>A weight without offsets: nothing is loaded, and what would be multiplied with it is not computed.</summary>
/// <typeparam name="TRaw">What the constants beside it are loaded in.</typeparam>
internal readonly struct NoConstants<TRaw> : ITileConstants<TRaw>
    where TRaw : unmanaged
{
    public int Size => 0;

    public TRaw Load(long address) => default;

    public TRaw LoadChunk(long address) => default;

    public void BeginCopyOfTwo(uint destination, long source)
    {
    }

    public TRaw LoadShared(uint address) => default;

    public TRaw LoadSharedChunk(uint address) => default;

    public float LoadSharedOne(uint address) => 0;

    public Floats2 FirstChunk(TRaw raw) => default;

    public Floats2 SecondChunk(TRaw raw) => default;
}
