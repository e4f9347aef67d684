using System.Reflection;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Values;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>Which of the kernels for large batches.</summary>
/// <param name="Weight">For which weights and elements.</param>
/// <param name="Columns">Input rows of a group: one of <see cref="AllColumns"/>.</param>
/// <param name="IsEven">Whether values are computed (<see cref="EvenValues{TElement}"/>).</param>
internal readonly record struct PrefillVariant(WeightVariant Weight, IPrefillColumns Columns, bool IsEven) : IWeightVisitor<MethodInfo>
{
    /// <summary>How many input rows groups take, from the fewest on.</summary>
    public static IReadOnlyList<IPrefillColumns> AllColumns { get; } =
        [default(Columns32), default(Columns64), default(Columns128), default(Columns256)];

    /// <summary>The kernel's method.</summary>
    public MethodInfo Method => Weight.Accept(this);

    MethodInfo IWeightVisitor<MethodInfo>.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>() => IsEven
        ? Of<TCodes, TFormat, TLookup, EvenValues<TElement>, TRaw, TConstants, TOffsets, TElement>()
        : Of<TCodes, TFormat, TLookup, TableValues<TLookup>, TRaw, TConstants, TOffsets, TElement>();

    private MethodInfo Of<TCodes, TFormat, TLookup, TValues, TRaw, TConstants, TOffsets, TElement>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TLookup : struct, ITableLookup
        where TValues : struct, ICodeValues
        where TRaw : unmanaged
        where TConstants : struct, ITileConstants<TRaw>
        where TOffsets : struct, ITileConstants<TRaw>
        where TElement : struct, ITensorElement => Columns switch
        {
            Columns32 => Of<TCodes, TFormat, TLookup, TValues, TRaw, TConstants, TOffsets, TElement, Columns32>(),
            Columns64 => Of<TCodes, TFormat, TLookup, TValues, TRaw, TConstants, TOffsets, TElement, Columns64>(),
            Columns128 => Of<TCodes, TFormat, TLookup, TValues, TRaw, TConstants, TOffsets, TElement, Columns128>(),
            _ => Of<TCodes, TFormat, TLookup, TValues, TRaw, TConstants, TOffsets, TElement, Columns256>(),
        };

    private static MethodInfo Of<TCodes, TFormat, TLookup, TValues, TRaw, TConstants, TOffsets, TElement, TColumns>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TLookup : struct, ITableLookup
        where TValues : struct, ICodeValues
        where TRaw : unmanaged
        where TConstants : struct, ITileConstants<TRaw>
        where TOffsets : struct, ITileConstants<TRaw>
        where TElement : struct, ITensorElement
        where TColumns : struct, IPrefillColumns
    {
        Action<PrefillArguments> kernel = PrefillKernel<TCodes, TFormat, TLookup, TValues, TRaw, TConstants, TOffsets, TElement, TColumns>.Run;
        return kernel.Method;
    }
}
