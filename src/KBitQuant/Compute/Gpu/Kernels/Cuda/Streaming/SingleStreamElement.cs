using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>Floats. A magnitude is their bits without the sign, compared as integers: NaN comes out on top.</summary>
internal readonly struct SingleStreamElement : IStreamElement<Words8>
{
    private const uint MagnitudeBits = 0x7FFF_FFFF;

    private const int HalfBytes = 16;

    public int Bytes => 4;

    public Words8 Load(long address) => new() { Low = PtxMemory.LoadOnce4(address), High = PtxMemory.LoadOnce4(address + HalfBytes) };

    public Floats8 Widen(Words8 chunk) => new() { Low = Widen(chunk.Low), High = Widen(chunk.High) };

    public uint Magnitude(Words8 chunk) => Larger(Magnitude(chunk.Low), Magnitude(chunk.High));

    public uint Larger(uint a, uint b) => IntrinsicMath.Max(a, b);

    public float WidenMagnitude(uint magnitude) => Interop.IntAsFloat(magnitude);

    public void Store(long address, Floats8 values)
    {
        PtxMemory.Store4(address, Bits(values.Low));
        PtxMemory.Store4(address + HalfBytes, Bits(values.High));
    }

    private static Floats4 Widen(Words4 words) => new()
    {
        X = Interop.IntAsFloat(words.X),
        Y = Interop.IntAsFloat(words.Y),
        Z = Interop.IntAsFloat(words.Z),
        W = Interop.IntAsFloat(words.W),
    };

    private static Words4 Bits(Floats4 values) => new()
    {
        X = Interop.FloatAsInt(values.X),
        Y = Interop.FloatAsInt(values.Y),
        Z = Interop.FloatAsInt(values.Z),
        W = Interop.FloatAsInt(values.W),
    };

    private uint Magnitude(Words4 words) =>
        Larger(Larger(words.X & MagnitudeBits, words.Y & MagnitudeBits), Larger(words.Z & MagnitudeBits, words.W & MagnitudeBits));
}
