using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>k = 6: a plane of nibbles in A to D, one of two bits in E and F.</summary>
internal readonly struct Format6 : ICodeFormat<Format6.Codes>
{
    public int Bits => 6;

    public Codes Load<TWords>(long address)
        where TWords : struct, ICodeWords => new()
        {
            A = default(TWords).Load(address, 0),
            B = default(TWords).Load(address, 1),
            C = default(TWords).Load(address, 2),
            D = default(TWords).Load(address, 3),
            E = default(TWords).Load(address, 4),
            F = default(TWords).Load(address, 5),
        };

    public Symbols FirstTile(Codes codes) => Join(codes.A, codes.B, codes.E, 0);

    public Symbols SecondTile(Codes codes) => Join(codes.C, codes.D, codes.F, 4);

    private static Symbols Join(Words4 low, Words4 high, Words4 pairs, int group) => new()
    {
        Low = Planes.Six(low, pairs, group),
        LowRest = Planes.Six(low, pairs, group + 1),
        High = Planes.Six(high, pairs, group + 2),
        HighRest = Planes.Six(high, pairs, group + 3),
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
    }
}
