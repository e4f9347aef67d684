using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>k = 3: symbols of two codes, 6 bits: a plane of nibbles in A and B, one of two bits in C.</summary>
internal readonly struct Format3 : ICodeFormat<Format3.Codes>
{
    public int Bits => 3;

    public Codes Load<TWords>(long address)
        where TWords : struct, ICodeWords => new()
        {
            A = default(TWords).Load(address, 0),
            B = default(TWords).Load(address, 1),
            C = default(TWords).Load(address, 2),
        };

    public Symbols FirstTile(Codes codes) => new() { Low = Planes.Six(codes.A, codes.C, 0), High = Planes.Six(codes.A, codes.C, 1) };

    public Symbols SecondTile(Codes codes) => new() { Low = Planes.Six(codes.B, codes.C, 2), High = Planes.Six(codes.B, codes.C, 3) };

    /// <summary>The 16-byte words in the order of memory.</summary>
    internal struct Codes
    {
        public Words4 A;
        public Words4 B;
        public Words4 C;
    }
}
