using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>BFloat16. A magnitude is that of two of them side by side.</summary>
internal readonly struct BFloat16StreamElement : IStreamElement<Words4>
{
    private const uint MagnitudeBits = 0x7FFF_7FFF;

    public int Bytes => 2;

    public Words4 Load(long address) => PtxMemory.LoadOnce4(address);

    public Floats8 Widen(Words4 chunk) => new()
    {
        Low = new() { X = Low(chunk.X), Y = High(chunk.X), Z = Low(chunk.Y), W = High(chunk.Y) },
        High = new() { X = Low(chunk.Z), Y = High(chunk.Z), Z = Low(chunk.W), W = High(chunk.W) },
    };

    public uint Magnitude(Words4 chunk) =>
        Larger(Larger(chunk.X & MagnitudeBits, chunk.Y & MagnitudeBits), Larger(chunk.Z & MagnitudeBits, chunk.W & MagnitudeBits));

    public uint Larger(uint a, uint b) => PtxFloats.LargerBFloat16s(a, b);

    public float WidenMagnitude(uint magnitude) => Low(Larger(magnitude, magnitude >> 16));

    public void Store(long address, Floats8 values) => PtxMemory.Store4(address, new()
    {
        X = PtxBits.RoundToBFloat16s(values.Low.X, values.Low.Y),
        Y = PtxBits.RoundToBFloat16s(values.Low.Z, values.Low.W),
        Z = PtxBits.RoundToBFloat16s(values.High.X, values.High.Y),
        W = PtxBits.RoundToBFloat16s(values.High.Z, values.High.W),
    });

    private static float Low(uint pair) => Interop.IntAsFloat(pair << 16);

    private static float High(uint pair) => Interop.IntAsFloat(pair & 0xFFFF_0000);
}
