using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>Halves. A magnitude is that of two of them side by side.</summary>
internal readonly struct HalfStreamElement : IStreamElement<Words4>
{
    private const uint MagnitudeBits = 0x7FFF_7FFF;

    public int Bytes => 2;

    public Words4 Load(long address) => PtxMemory.LoadOnce4(address);

    public Floats8 Widen(Words4 chunk)
    {
        Floats2 a = PtxBits.WidenHalves(chunk.X);
        Floats2 b = PtxBits.WidenHalves(chunk.Y);
        Floats2 c = PtxBits.WidenHalves(chunk.Z);
        Floats2 d = PtxBits.WidenHalves(chunk.W);
        return new()
        {
            Low = new() { X = a.X, Y = a.Y, Z = b.X, W = b.Y },
            High = new() { X = c.X, Y = c.Y, Z = d.X, W = d.Y },
        };
    }

    public uint Magnitude(Words4 chunk) =>
        Larger(Larger(chunk.X & MagnitudeBits, chunk.Y & MagnitudeBits), Larger(chunk.Z & MagnitudeBits, chunk.W & MagnitudeBits));

    public uint Larger(uint a, uint b) => PtxFloats.LargerHalves(a, b);

    public float WidenMagnitude(uint magnitude) => PtxBits.WidenHalves(Larger(magnitude, magnitude >> 16)).X;

    public void Store(long address, Floats8 values) => PtxMemory.Store4(address, new()
    {
        X = PtxBits.RoundToHalves(values.Low.X, values.Low.Y),
        Y = PtxBits.RoundToHalves(values.Low.Z, values.Low.W),
        Z = PtxBits.RoundToHalves(values.High.X, values.High.Y),
        W = PtxBits.RoundToHalves(values.High.Z, values.High.W),
    });
}
