using System.Reflection;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Values;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>Which of the kernels whose inputs stay in registers.</summary>
/// <param name="Weight">For which weights and elements.</param>
/// <param name="Columns">Input rows: 1, 8 or 16.</param>
/// <param name="IsEven">Whether values are computed (<see cref="EvenValues{TElement}"/>).</param>
internal readonly record struct StationaryVariant(WeightVariant Weight, int Columns, bool IsEven) : IWeightVisitor<MethodInfo>, IWeightVisitor<int>
{
    /// <summary>The most input rows.</summary>
    public const int MostColumns = 16;

    /// <summary>Bytes of the table, if there is one, with what is on its way.</summary>
    public int StageBytes => Weight.Accept<int>(this);

    /// <summary>The kernel's method.</summary>
    public MethodInfo Method => Weight.Accept<MethodInfo>(this);

    /// <summary>The variant for so many input rows.</summary>
    /// <param name="weight">For which weights and elements.</param>
    /// <param name="m">Input rows, <see cref="MostColumns"/> at most.</param>
    /// <param name="isUniform">Whether the table has <see cref="DataTypes.DataType.Even"/>.</param>
    public static StationaryVariant For(WeightVariant weight, int m, bool isUniform) =>
        new(weight, m == 1 ? 1 : m <= 8 ? 8 : MostColumns, isUniform && weight.CanCount);

    MethodInfo IWeightVisitor<MethodInfo>.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>() => IsEven
        ? Of<TCodes, TFormat, EvenValues<TElement>, TRaw, TConstants, TOffsets, TElement>()
        : Of<TCodes, TFormat, TableValues<TLookup>, TRaw, TConstants, TOffsets, TElement>();

    int IWeightVisitor<int>.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>() => IsEven
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
