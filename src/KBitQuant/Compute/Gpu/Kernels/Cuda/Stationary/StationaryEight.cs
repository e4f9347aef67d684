using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>Eight input rows: what one product of the tensor cores takes.</summary>
/// <typeparam name="TElement">The element.</typeparam>
internal readonly struct StationaryEight<TElement> : IStationaryColumns<Words4, Floats4>
    where TElement : struct, ITensorElement
{
    public int Count => 8;

    public Words4 Load(long x, long eightRows, int rows) => PtxMemory.LoadIf4(x, rows > 0 ? 1u : 0u);

    public Floats4 Add(Floats4 sums, QuarterValues weight, Words4 inputs) => Fragments<TElement>.Add(sums, weight, inputs);

    public Floats4 AddScaled(Floats4 sums, Floats4 products, Floats2 scales) => new()
    {
        X = sums.X + (products.X * scales.X),
        Y = sums.Y + (products.Y * scales.X),
        Z = sums.Z + (products.Z * scales.Y),
        W = sums.W + (products.W * scales.Y),
    };

    public void Store(Floats4 sums, uint address, uint step) => PtxMemory.StoreSharedFloats4(address, sums);
}
