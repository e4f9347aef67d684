using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>k = 5: a plane of nibbles in A to D, one of single bits in E.</summary>
internal readonly struct Format5 : ICodeFormat<Format5.Codes>
{
    public int Bits => 5;

    public Codes Load<TWords>(long address)
        where TWords : struct, ICodeWords => new()
        {
            A = default(TWords).Load(address, 0),
            B = default(TWords).Load(address, 1),
            C = default(TWords).Load(address, 2),
            D = default(TWords).Load(address, 3),
            E = default(TWords).Load(address, 4),
        };

    public Symbols FirstTile(Codes codes) => Join(codes.A, codes.B, codes.E, 0);

    public Symbols SecondTile(Codes codes) => Join(codes.C, codes.D, codes.E, 4);

    private static Symbols Join(Words4 low, Words4 high, Words4 bits, int group) => new()
    {
        Low = Planes.Five(low, bits, group),
        LowRest = Planes.Five(low, bits, group + 1),
        High = Planes.Five(high, bits, group + 2),
        HighRest = Planes.Five(high, bits, group + 3),
    };

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
