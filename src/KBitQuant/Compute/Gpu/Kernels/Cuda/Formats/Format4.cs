using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>k = 4: symbols of two codes, 8 bits.</summary>
internal readonly struct Format4 : ICodeFormat<Format4.Codes>
{
    public int Bits => 4;

    public Codes Load<TWords>(long address)
        where TWords : struct, ICodeWords => new()
        {
            A = default(TWords).Load(address, 0),
            B = default(TWords).Load(address, 1),
            C = default(TWords).Load(address, 2),
            D = default(TWords).Load(address, 3),
        };

    public Symbols FirstTile(Codes codes) => new() { Low = codes.A, High = codes.B };

    public Symbols SecondTile(Codes codes) => new() { Low = codes.C, High = codes.D };

    /// <summary>The 16-byte words in the order of memory.</summary>
    internal struct Codes
    {
        public Words4 A;
        public Words4 B;
        public Words4 C;
        public Words4 D;
    }
}
