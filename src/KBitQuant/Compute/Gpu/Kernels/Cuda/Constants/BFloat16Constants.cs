using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;

/// <summary>BFloat16.</summary>
internal readonly struct BFloat16Constants : ITileConstants<Words2>
{
    public int Size => 2;

    public Words2 Load(long address) => PtxMemory.LoadOnce2(address);

    public Words2 LoadChunk(long address) => new() { X = PtxMemory.LoadOnceWord(address) };

    public void BeginCopyOfTwo(uint destination, long source) => PtxMemory.BeginCopy4(destination, source);

    public Words2 LoadShared(uint address) => PtxMemory.LoadShared2(address);

    public Words2 LoadSharedChunk(uint address) => new() { X = PtxMemory.LoadShared(address) };

    public float LoadSharedOne(uint address) => Interop.IntAsFloat(PtxMemory.LoadSharedShort(address) << 16);

    public Floats2 FirstChunk(Words2 raw) => PtxBits.WidenBFloat16s(raw.X);

    public Floats2 SecondChunk(Words2 raw) => PtxBits.WidenBFloat16s(raw.Y);
}
