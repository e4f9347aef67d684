using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>k = 2: symbols of two codes of row g and two of row g + 8, 8 bits.</summary>
internal readonly struct Format2 : ICodeFormat<Format2.Codes>
{
    public int Bits => 2;

    public Codes Load<TWords>(long address)
        where TWords : struct, ICodeWords => new()
        {
            A = default(TWords).Load(address, 0),
            B = default(TWords).Load(address, 1),
        };

    public Symbols FirstTile(Codes codes) => new() { Low = codes.A };

    public Symbols SecondTile(Codes codes) => new() { Low = codes.B };

    /// <summary>The 16-byte words in the order of memory.</summary>
    internal struct Codes
    {
        public Words4 A;
        public Words4 B;
    }
}
