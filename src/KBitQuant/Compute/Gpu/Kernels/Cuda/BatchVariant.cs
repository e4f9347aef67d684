using System.Reflection;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Which of the kernels for batches.</summary>
/// <param name="Weight">For which weights and elements.</param>
/// <param name="Columns">Input rows of a group: 8, 16, 32 or 64.</param>
internal readonly record struct BatchVariant(WeightVariant Weight, int Columns) : IWeightVisitor<MethodInfo>
{
    private const int MostColumns = 64;
    private const int LargestUnscaled = 8;

    /// <summary>The kernel's method.</summary>
    public MethodInfo Method => Weight.Accept(this);

    /// <summary>The smallest variant for so many input rows, or the largest one that a group has the shared memory for.</summary>
    public static BatchVariant For(WeightVariant weight, int m, int sharedBytes)
    {
        int columns = 8;
        while (columns < m && columns < MostColumns && BatchGroup.SharedBytes(1, 1, 2 * columns) <= sharedBytes)
            columns *= 2;
        return new(weight, columns);
    }

    /// <summary>Whether constants are multiplied into 16-bit values, once for all columns, rather than into each column's sums of a
    /// chunk: fewer operations and registers for many columns, but two more roundings of each value.</summary>
    public bool IsScaled => Columns > LargestUnscaled;

    MethodInfo IWeightVisitor<MethodInfo>.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>() => Columns switch
    {
        LargestUnscaled => Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, No, EightColumns<TElement, TLookup>, UnitSums>(),
        16 => Of<
            TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, Yes, TwiceColumns<EightColumns<TElement, TLookup>, UnitSums>, SumPair<UnitSums>>(),
        32 => Of<
            TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, Yes, TwiceColumns<TwiceColumns<EightColumns<TElement, TLookup>, UnitSums>, SumPair<UnitSums>>,
            SumPair<SumPair<UnitSums>>>(),
        _ => Of<
            TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, Yes,
            TwiceColumns<TwiceColumns<TwiceColumns<EightColumns<TElement, TLookup>, UnitSums>, SumPair<UnitSums>>, SumPair<SumPair<UnitSums>>>,
            SumPair<SumPair<SumPair<UnitSums>>>>(),
    };

    private static MethodInfo Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, TIsScaled, TColumns, TSums>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TLookup : struct, ITableLookup
        where TRaw : unmanaged
        where TConstants : struct, ITileConstants<TRaw>
        where TOffsets : struct, ITileConstants<TRaw>
        where TElement : struct, ITensorElement
        where TIsScaled : struct, IFlag
        where TColumns : struct, IColumns<TSums>
        where TSums : unmanaged
    {
        Action<DecodeArguments> kernel = BatchKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, TIsScaled, TColumns, TSums>.Run;
        return kernel.Method;
    }
}
