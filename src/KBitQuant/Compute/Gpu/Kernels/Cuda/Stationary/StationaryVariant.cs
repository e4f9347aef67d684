using System.Reflection;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Values;
using KBitQuant.Compute.Gpu.Ptx;
using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>Which of the kernels whose inputs stay in registers.</summary>
/// <param name="Weight">For which weights and elements.</param>
/// <param name="Columns">Input rows: 1, 8 or 16.</param>
/// <param name="IsEven">Whether values are computed (<see cref="EvenValues{TElement}"/>) or, of two bits, multiplied as codes (<see cref="TwoBitKernel{TRaw, TConstants, TOffsets, TElement}"/>).</param>
internal readonly record struct StationaryVariant(WeightVariant Weight, int Columns, bool IsEven) : IWeightVisitor<MethodInfo>, IWeightVisitor<int>
{
    /// <summary>The most input rows.</summary>
    public const int MostColumns = 16;

    /// <summary>Bytes of the table, if there is one, with what is on its way.</summary>
    public int StageBytes => Weight.Accept<int>(this);

    /// <summary>What is subtracted from codes, beside the code of zero.</summary>
    public float CountingStart => IsOfTwoBits ? 0 : Weight.CountingStart;

    private bool IsOfTwoBits => IsEven && Weight.Bits == 2;

    /// <summary>The kernel's method.</summary>
    public MethodInfo Method => Weight.Accept<MethodInfo>(this);

    /// <summary>The variant for so many input rows.</summary>
    /// <param name="weight">For which weights and elements.</param>
    /// <param name="m">Input rows, <see cref="MostColumns"/> at most.</param>
    /// <param name="even">The table's arithmetic (<see cref="DataType.Even"/>).</param>
    public static StationaryVariant For(WeightVariant weight, int m, EvenEntries? even)
    {
        bool canCount = weight.CanCount || (m == 1 && weight.Bits == 2 && even?.Zero is >= 0 and <= TwoBitCodes.LargestOrigin);
        return new(weight, m == 1 ? 1 : m <= 8 ? 8 : MostColumns, even is not null && canCount);
    }

    MethodInfo IWeightVisitor<MethodInfo>.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>() => IsOfTwoBits
        ? ((Action<StationaryArguments>)TwoBitKernel<TRaw, TConstants, TOffsets, TElement>.Run).Method
        : IsEven
        ? Of<TCodes, TFormat, EvenValues<TElement>, TRaw, TConstants, TOffsets, TElement>()
        : Of<TCodes, TFormat, TableValues<TLookup>, TRaw, TConstants, TOffsets, TElement>();

    int IWeightVisitor<int>.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>() => IsOfTwoBits
        ? TwoBitKernel<TRaw, TConstants, TOffsets, TElement>.Bytes
        : IsEven
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
