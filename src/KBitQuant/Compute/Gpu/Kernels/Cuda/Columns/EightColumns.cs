using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;

/// <summary>Eight input rows: what one product of the tensor cores takes.</summary>
/// <typeparam name="TElement">The element.</typeparam>
/// <typeparam name="TLookup">The table: where it has pairs, lanes have their own words of the weight.</typeparam>
internal readonly struct EightColumns<TElement, TLookup> : IColumns<UnitSums>
    where TLookup : struct, ITableLookup
    where TElement : struct, ITensorElement
{
    private const int HighRow = 8 * sizeof(float);
    private const int SecondUnit = PackedLayout.UnitRows * sizeof(float);

    public int Count => 8;

    public UnitSums Add(UnitSums sums, QuarterValues first, QuarterValues second, uint x)
    {
        Words4 inputs = default(TLookup).HasPairs ? PtxMemory.LoadShared4(x) : PtxMemory.LoadMatrices(x);
        sums.First = Fragments<TElement>.Add(sums.First, first, inputs);
        sums.Second = Fragments<TElement>.Add(sums.Second, second, inputs);
        return sums;
    }

    public UnitSums AddScaled(UnitSums sums, UnitSums products, RowScales scales)
    {
        sums.First = AddScaled(sums.First, products.First, scales.First);
        sums.Second = AddScaled(sums.Second, products.Second, scales.Second);
        return sums;
    }

    public void Store(UnitSums sums, uint address, int pitch)
    {
        Store(sums.First, address, (uint)pitch);
        Store(sums.Second, address + SecondUnit, (uint)pitch);
    }

    private static void Store(Floats4 sums, uint address, uint pitch)
    {
        PtxMemory.StoreSharedFloat(address, sums.X);
        PtxMemory.StoreSharedFloat(address + pitch, sums.Y);
        PtxMemory.StoreSharedFloat(address + HighRow, sums.Z);
        PtxMemory.StoreSharedFloat(address + pitch + HighRow, sums.W);
    }

    private static Floats4 AddScaled(Floats4 sum, Floats4 products, Floats2 scales)
    {
        sum.X += products.X * scales.X;
        sum.Y += products.Y * scales.X;
        sum.Z += products.Z * scales.Y;
        sum.W += products.W * scales.Y;
        return sum;
    }
}
