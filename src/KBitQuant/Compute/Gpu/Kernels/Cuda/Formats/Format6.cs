using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>k = 6: a plane of nibbles in A to D, one of two bits in E and F.</summary>
internal readonly struct Format6 : ICodeFormat<Format6.Codes>
{
    private const int WordStride = PackedLayout.SliceBytesPerBit;

    public int Bits => 6;

    public Codes Load(long address) => new()
    {
        A = PtxMemory.LoadOnce4(address),
        B = PtxMemory.LoadOnce4(address + (1 * WordStride)),
        C = PtxMemory.LoadOnce4(address + (2 * WordStride)),
        D = PtxMemory.LoadOnce4(address + (3 * WordStride)),
        E = PtxMemory.LoadOnce4(address + (4 * WordStride)),
        F = PtxMemory.LoadOnce4(address + (5 * WordStride)),
    };

    public Symbols FirstTileLow(Codes codes) => Join(codes.A, codes.E.Low);

    public Symbols FirstTileHigh(Codes codes) => Join(codes.B, codes.E.High);

    public Symbols SecondTileLow(Codes codes) => Join(codes.C, codes.F.Low);

    public Symbols SecondTileHigh(Codes codes) => Join(codes.D, codes.F.High);

    private static Symbols Join(Words4 nibbles, Words2 pairs) =>
        new() { First = Planes.Six(nibbles.Low, pairs.X), Second = Planes.Six(nibbles.High, pairs.Y) };

    /// <summary>The 16-byte words in the order of memory.</summary>
    internal struct Codes
    {
        public Words4 A;
        public Words4 B;
        public Words4 C;
        public Words4 D;
        public Words4 E;
        public Words4 F;
    }
}
