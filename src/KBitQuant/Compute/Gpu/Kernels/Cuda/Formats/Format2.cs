using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>k = 2: symbols of four codes, 8 bits.</summary>
internal readonly struct Format2 : ICodeFormat<Format2.Codes>
{
    public int Bits => 2;

    public Codes Load<TWords>(long address)
        where TWords : struct, ICodeWords => new()
        {
            A = default(TWords).Load(address, 0),
            B = default(TWords).Load(address, 1),
        };

    public Symbols FirstTileLow(Codes codes) => new() { First = new() { X = codes.A.X, Y = codes.A.Y } };

    public Symbols FirstTileHigh(Codes codes) => new() { First = new() { X = codes.A.Z, Y = codes.A.W } };

    public Symbols SecondTileLow(Codes codes) => new() { First = new() { X = codes.B.X, Y = codes.B.Y } };

    public Symbols SecondTileHigh(Codes codes) => new() { First = new() { X = codes.B.Z, Y = codes.B.W } };

    /// <summary>The 16-byte words in the order of memory.</summary>
    internal struct Codes
    {
        public Words4 A;
        public Words4 B;
    }
}
