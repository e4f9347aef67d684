using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>k = 7: a plane of nibbles in A to D, one of two bits in E and F, one of single bits in G.</summary>
internal readonly struct Format7 : ICodeFormat<Format7.Codes>
{
    public int Bits => 7;

    public Codes Load<TWords>(long address)
        where TWords : struct, ICodeWords => new()
        {
            A = default(TWords).Load(address, 0),
            B = default(TWords).Load(address, 1),
            C = default(TWords).Load(address, 2),
            D = default(TWords).Load(address, 3),
            E = default(TWords).Load(address, 4),
            F = default(TWords).Load(address, 5),
            G = default(TWords).Load(address, 6),
        };

    public Symbols FirstTile(Codes codes) => Join(codes.A, codes.B, codes.E, codes.G, 0);

    public Symbols SecondTile(Codes codes) => Join(codes.C, codes.D, codes.F, codes.G, 4);

    private static Symbols Join(Words4 low, Words4 high, Words4 pairs, Words4 bits, int group) => new()
    {
        Low = Planes.Seven(low, pairs, bits, group),
        LowRest = Planes.Seven(low, pairs, bits, group + 1),
        High = Planes.Seven(high, pairs, bits, group + 2),
        HighRest = Planes.Seven(high, pairs, bits, group + 3),
    };

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
