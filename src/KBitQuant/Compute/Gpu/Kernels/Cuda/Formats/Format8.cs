using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>k = 8: symbols are codes.</summary>
internal readonly struct Format8 : ICodeFormat<Format8.Codes>
{
    public int Bits => 8;

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
            H = default(TWords).Load(address, 7),
        };

    public Symbols FirstTile(Codes codes) => new() { Low = codes.A, LowRest = codes.B, High = codes.C, HighRest = codes.D };

    public Symbols SecondTile(Codes codes) => new() { Low = codes.E, LowRest = codes.F, High = codes.G, HighRest = codes.H };

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
        public Words4 H;
    }
}
