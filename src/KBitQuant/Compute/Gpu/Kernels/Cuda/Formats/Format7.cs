using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>k = 7: a plane of nibbles in A to D, one of two bits in E and F, one of single bits in G.</summary>
internal readonly struct Format7 : ICodeFormat<Format7.Codes>
{
    private const int WordStride = PackedLayout.SliceBytesPerBit;

    public int Bits => 7;

    public Codes Load(long address) => new()
    {
        A = PtxMemory.LoadOnce4(address),
        B = PtxMemory.LoadOnce4(address + (1 * WordStride)),
        C = PtxMemory.LoadOnce4(address + (2 * WordStride)),
        D = PtxMemory.LoadOnce4(address + (3 * WordStride)),
        E = PtxMemory.LoadOnce4(address + (4 * WordStride)),
        F = PtxMemory.LoadOnce4(address + (5 * WordStride)),
        G = PtxMemory.LoadOnce4(address + (6 * WordStride)),
    };

    public Symbols FirstTileLow(Codes codes) => Join(codes.A, codes.E.Low, codes.G.X);

    public Symbols FirstTileHigh(Codes codes) => Join(codes.B, codes.E.High, codes.G.Y);

    public Symbols SecondTileLow(Codes codes) => Join(codes.C, codes.F.Low, codes.G.Z);

    public Symbols SecondTileHigh(Codes codes) => Join(codes.D, codes.F.High, codes.G.W);

    private static Symbols Join(Words4 nibbles, Words2 pairs, uint bits) =>
        new() { First = Planes.Seven(nibbles.Low, pairs.X, bits), Second = Planes.Seven(nibbles.High, pairs.Y, bits >> 4) };

    /// <summary>The 16-byte words in the order of memory.</summary>
    internal struct Codes
    {
        public Words4 A;
        public Words4 B;
        public Words4 C;
        public Words4 D;
        public Words4 E;
        public Words4 F;
        public Words4 G;
    }
}
