using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;

/// <summary>Eight input rows: what one product of the tensor cores takes.</summary>
/// <typeparam name="TElement">The element.</typeparam>
/// <typeparam name="THasOffsets">Whether blocks have offsets.</typeparam>
/// <typeparam name="TIsScaled">Whether constants are multiplied into the weight's 16-bit values, once for all columns, rather than
/// into each column's sums of a chunk: fewer operations and registers for many columns, but two more roundings of each value.</typeparam>
internal readonly struct EightColumns<TElement, THasOffsets, TIsScaled> : IColumns<UnitSums>
    where TElement : struct, ITensorElement
    where THasOffsets : struct, IFlag
    where TIsScaled : struct, IFlag
{
    private const int HighRow = 8 * sizeof(float);
    private const int SecondUnit = PackedLayout.UnitRows * sizeof(float);

    public int Count => 8;

    public WeightChunk Prepare(WeightChunk chunk, DecodeArguments arguments)
    {
        if (!default(TIsScaled).IsSet)
            return chunk;
        float scale = arguments.ConstantScale;
        float offsetScale = scale / default(TElement).InverseScale;
        chunk.FirstLow = Fragments<TElement>.Scale(chunk.FirstLow, chunk.FirstConstants.X * scale, chunk.FirstOffsets.X * offsetScale);
        chunk.FirstHigh = Fragments<TElement>.Scale(chunk.FirstHigh, chunk.FirstConstants.Y * scale, chunk.FirstOffsets.Y * offsetScale);
        chunk.SecondLow = Fragments<TElement>.Scale(chunk.SecondLow, chunk.SecondConstants.X * scale, chunk.SecondOffsets.X * offsetScale);
        chunk.SecondHigh = Fragments<TElement>.Scale(chunk.SecondHigh, chunk.SecondConstants.Y * scale, chunk.SecondOffsets.Y * offsetScale);
        return chunk;
    }

    public UnitSums Add(UnitSums sums, WeightChunk chunk, uint x0, uint x1)
    {
        Words4 first = PtxMemory.LoadShared4(x0);
        Words4 second = PtxMemory.LoadShared4(x1);
        if (default(TIsScaled).IsSet)
        {
            sums.First = Fragments<TElement>.Add(sums.First, chunk.FirstLow, chunk.FirstHigh, first, second);
            sums.Second = Fragments<TElement>.Add(sums.Second, chunk.SecondLow, chunk.SecondHigh, first, second);
            return sums;
        }

        sums.First = AddScaled(sums.First, Fragments<TElement>.Multiply(chunk.FirstLow, chunk.FirstHigh, first, second), chunk.FirstConstants);
        sums.Second = AddScaled(sums.Second, Fragments<TElement>.Multiply(chunk.SecondLow, chunk.SecondHigh, first, second), chunk.SecondConstants);
        if (!default(THasOffsets).IsSet)
            return sums;
        Floats4 inputs = Fragments<TElement>.Sum(first, second);
        sums.First = AddScaled(sums.First, inputs, chunk.FirstOffsets);
        sums.Second = AddScaled(sums.Second, inputs, chunk.SecondOffsets);
        return sums;
    }

    public void Store(UnitSums sums, uint address)
    {
        Store(sums.First, address);
        Store(sums.Second, address + SecondUnit);
    }

    private static void Store(Floats4 sums, uint address)
    {
        PtxMemory.StoreSharedFloat(address, sums.X);
        PtxMemory.StoreSharedFloat(address + BatchGroup.OutputPitch, sums.Y);
        PtxMemory.StoreSharedFloat(address + HighRow, sums.Z);
        PtxMemory.StoreSharedFloat(address + BatchGroup.OutputPitch + HighRow, sums.W);
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
