using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;

/// <summary>Floats.</summary>
internal readonly struct FloatConstants : ITileConstants<Words4>
{
    public int Size => 4;

    public Words4 Load(long address) => PtxMemory.LoadOnce4(address);

    public Words4 LoadChunk(long address)
    {
        Words2 pair = PtxMemory.LoadOnce2(address);
        return new() { X = pair.X, Y = pair.Y };
    }

    public void BeginCopyOfTwo(uint destination, long source) => PtxMemory.BeginCopy8(destination, source);

    public Words4 LoadShared(uint address) => PtxMemory.LoadShared4(address);

    public Words4 LoadSharedChunk(uint address)
    {
        Words2 pair = PtxMemory.LoadShared2(address);
        return new() { X = pair.X, Y = pair.Y };
    }

    public float LoadSharedOne(uint address) => PtxMemory.LoadSharedFloat(address);

    public Floats2 FirstChunk(Words4 raw) => new() { X = Interop.IntAsFloat(raw.X), Y = Interop.IntAsFloat(raw.Y) };

    public Floats2 SecondChunk(Words4 raw) => new() { X = Interop.IntAsFloat(raw.Z), Y = Interop.IntAsFloat(raw.W) };
}
