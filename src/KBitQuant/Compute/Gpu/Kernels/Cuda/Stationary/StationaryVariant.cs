using System.Reflection;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Values;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>Which of the kernels whose inputs stay in registers.</summary>
/// <param name="Weight">For which weights and elements.</param>
/// <param name="Columns">Input rows: 1, 8 or 16.</param>
/// <param name="IsComputed">Whether values are not looked up, but computed (<see cref="EvenValues{TElement}"/>) or, of two bits, multiplied as bytes (<see cref="TwoBitKernel{TRaw, TConstants, TOffsets, TElement}"/>).</param>
internal readonly record struct StationaryVariant(WeightVariant Weight, int Columns, bool IsComputed) : IWeightVisitor<MethodInfo>, IWeightVisitor<int>
{
    /// <summary>The most input rows.</summary>
    public const int MostColumns = 16;

    /// <summary>Bytes of the table, if there is one, with what is on its way.</summary>
    public int StageBytes => Weight.Accept<int>(this);

    /// <summary>Whether values are bytes.</summary>
    public bool HasBytes => IsComputed && Weight.Bits == 2;

    /// <summary>Units that a warp takes at a time.</summary>
    public int UnitsAtOnce => HasBytes ? PackedLayout.UnitGroup : 1;

    /// <summary>The kernel's method.</summary>
    public MethodInfo Method => Weight.Accept<MethodInfo>(this);

    /// <summary>How often a warp takes units, if it takes all of them.</summary>
    public int TurnsOf(int units) => ((units - 1) / UnitsAtOnce) + 1;

    /// <summary>The variant for so many input rows.</summary>
    /// <param name="weight">For which weights and elements.</param>
    /// <param name="m">Input rows, <see cref="MostColumns"/> at most.</param>
    /// <param name="isEven">Whether the table has even steps and zero among its codes.</param>
    /// <param name="hasBytes">Whether there is a <see cref="TwoBitTable"/>.</param>
    public static StationaryVariant For(WeightVariant weight, int m, bool isEven, bool hasBytes) =>
        new(weight, m == 1 ? 1 : m <= 8 ? 8 : MostColumns, (isEven && weight.CanCount) || (hasBytes && m == 1));

    MethodInfo IWeightVisitor<MethodInfo>.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>() => HasBytes
        ? ((Action<StationaryArguments>)TwoBitKernel<TRaw, TConstants, TOffsets, TElement>.Run).Method
        : IsComputed
        ? Of<TCodes, TFormat, EvenValues<TElement>, TRaw, TConstants, TOffsets, TElement>()
        : Of<TCodes, TFormat, TableValues<TLookup>, TRaw, TConstants, TOffsets, TElement>();

    int IWeightVisitor<int>.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>() => HasBytes
        ? TwoBitKernel<TRaw, TConstants, TOffsets, TElement>.Bytes
        : IsComputed
        ? StationaryStage<TCodes, TFormat, EvenValues<TElement>, TRaw, TConstants, TOffsets>.Bytes
        : StationaryStage<TCodes, TFormat, TableValues<TLookup>, TRaw, TConstants, TOffsets>.Bytes;

    private MethodInfo Of<TCodes, TFormat, TValues, TRaw, TConstants, TOffsets, TElement>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TValues : struct, ICodeValues
        where TRaw : unmanaged
        where TConstants : struct, ITileConstants<TRaw>
        where TOffsets : struct, ITileConstants<TRaw>
        where TElement : struct, ITensorElement
    {
        Action<StationaryArguments> kernel = Columns switch
        {
            1 => StationaryKernel<TCodes, TFormat, TValues, TRaw, TConstants, TOffsets, TElement, StationaryOne<TElement>, Words4, Floats4>.Run,
            8 => StationaryKernel<TCodes, TFormat, TValues, TRaw, TConstants, TOffsets, TElement, StationaryEight<TElement>, Words4, Floats4>.Run,
            _ => StationaryKernel<
                TCodes, TFormat, TValues, TRaw, TConstants, TOffsets, TElement, StationaryTwice<StationaryEight<TElement>, Words4, Floats4>,
                SumPair<Words4>, SumPair<Floats4>>.Run,
        };
        return kernel.Method;
    }
}
