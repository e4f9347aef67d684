using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>k = 5: a plane of nibbles in A to D, one of single bits in E.</summary>
internal readonly struct Format5 : ICodeFormat<Format5.Codes>
{
    private const int WordStride = PackedLayout.SliceBytesPerBit;

    public int Bits => 5;

    public Codes Load(long address) => new()
    {
        A = PtxMemory.LoadOnce4(address),
        B = PtxMemory.LoadOnce4(address + (1 * WordStride)),
        C = PtxMemory.LoadOnce4(address + (2 * WordStride)),
        D = PtxMemory.LoadOnce4(address + (3 * WordStride)),
        E = PtxMemory.LoadOnce4(address + (4 * WordStride)),
    };

    public Symbols FirstTileLow(Codes codes) => Join(codes.A, codes.E.X);

    public Symbols FirstTileHigh(Codes codes) => Join(codes.B, codes.E.Y);

    public Symbols SecondTileLow(Codes codes) => Join(codes.C, codes.E.Z);

    public Symbols SecondTileHigh(Codes codes) => Join(codes.D, codes.E.W);

    private static Symbols Join(Words4 nibbles, uint bits) =>
        new() { First = Planes.Five(nibbles.Low, bits), Second = Planes.Five(nibbles.High, bits >> 4) };

    /// <summary>The 16-byte words in the order of memory.</summary>
    internal struct Codes
    {
        public Words4 A;
        public Words4 B;
        public Words4 C;
        public Words4 D;
        public Words4 E;
    }
}
