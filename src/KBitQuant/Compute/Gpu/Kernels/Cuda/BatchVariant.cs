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

    /// <summary>Groups that have the registers and the shared memory to run side by side.</summary>
    public int GroupsPerMultiprocessor => Columns < MostColumns ? 2 : 1;

    /// <summary>The kernel's method.</summary>
    public MethodInfo Method => Weight.Accept(this);

    /// <summary>The smallest variant for so many input rows, or the largest one.</summary>
    public static BatchVariant For(WeightVariant weight, int m)
    {
        int columns = 8;
        while (columns < m && columns < MostColumns)
            columns *= 2;
        return new(weight, columns);
    }

    MethodInfo IWeightVisitor<MethodInfo>.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>() =>
        default(TOffsets).Size > 0
            ? Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, Yes>()
            : Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, No>();

    /// <summary>Whether constants are multiplied into 16-bit values.</summary>
    public bool IsScaled => Columns > LargestUnscaled;

    private static MethodInfo Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, TColumns, TSums>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TLookup : struct, ITableLookup
        where TRaw : unmanaged
        where TConstants : struct, ITileConstants<TRaw>
        where TOffsets : struct, ITileConstants<TRaw>
        where TElement : struct, ITensorElement
        where TColumns : struct, IColumns<TSums>
        where TSums : unmanaged
    {
        Action<DecodeArguments> kernel = BatchKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, TColumns, TSums>.Run;
        return kernel.Method;
    }

    private MethodInfo Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, THasOffsets>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TLookup : struct, ITableLookup
        where TRaw : unmanaged
        where TConstants : struct, ITileConstants<TRaw>
        where TOffsets : struct, ITileConstants<TRaw>
        where TElement : struct, ITensorElement
        where THasOffsets : struct, IFlag => Columns switch
        {
            LargestUnscaled => Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, EightColumns<TElement, THasOffsets, No>, UnitSums>(),
            16 => Of<
                TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, TwiceColumns<EightColumns<TElement, THasOffsets, Yes>, UnitSums>, SumPair<UnitSums>>(),
            32 => Of<
                TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement,
                TwiceColumns<TwiceColumns<EightColumns<TElement, THasOffsets, Yes>, UnitSums>, SumPair<UnitSums>>,
                SumPair<SumPair<UnitSums>>>(),
            _ => Of<
                TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement,
                TwiceColumns<TwiceColumns<TwiceColumns<EightColumns<TElement, THasOffsets, Yes>, UnitSums>, SumPair<UnitSums>>, SumPair<SumPair<UnitSums>>>,
                SumPair<SumPair<SumPair<UnitSums>>>>(),
        };
}
