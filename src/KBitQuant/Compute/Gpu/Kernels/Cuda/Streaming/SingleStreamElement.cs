using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>Floats. A magnitude is their bits without the sign, compared as integers: NaN comes out on top.</summary>
internal readonly struct SingleStreamElement : IStreamElement<Floats8>
{
    private const uint MagnitudeBits = 0x7FFF_FFFF;

    private const int HalfBytes = 16;

    public int Bytes => 4;

    public Floats8 Load(long address) => new() { Low = Load4(address), High = Load4(address + HalfBytes) };

    public Floats8 Widen(Floats8 chunk) => chunk;

    public uint Magnitude(Floats8 chunk) => Larger(Magnitude(chunk.Low), Magnitude(chunk.High));

    public uint Larger(uint a, uint b) => IntrinsicMath.Max(a, b);

    public float WidenMagnitude(uint magnitude) => Interop.IntAsFloat(magnitude);

    public void Store(long address, Floats8 values)
    {
        PtxMemory.Store4(address, Bits(values.Low));
        PtxMemory.Store4(address + HalfBytes, Bits(values.High));
    }

    private static Floats4 Load4(long address)
    {
        Words4 words = PtxMemory.LoadOnce4(address);
        return new()
        {
            X = Interop.IntAsFloat(words.X),
            Y = Interop.IntAsFloat(words.Y),
            Z = Interop.IntAsFloat(words.Z),
            W = Interop.IntAsFloat(words.W),
        };
    }

    private static Words4 Bits(Floats4 values) => new()
    {
        X = Interop.FloatAsInt(values.X),
        Y = Interop.FloatAsInt(values.Y),
        Z = Interop.FloatAsInt(values.Z),
        W = Interop.FloatAsInt(values.W),
    };

    private uint Magnitude(Floats4 values)
    {
        Words4 words = Bits(values);
        return Larger(Larger(words.X & MagnitudeBits, words.Y & MagnitudeBits), Larger(words.Z & MagnitudeBits, words.W & MagnitudeBits));
    }
}
