using System.Reflection;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>Which of the kernels for batches on warpgroups.</summary>
/// <param name="Weight">For which weights and elements.</param>
/// <param name="Columns">Input rows of a group: 8, 16, 32 or 64.</param>
/// <param name="Strips">Warpgroups of a part: 1 to 4.</param>
internal readonly record struct WarpgroupVariant(WeightVariant Weight, int Columns, int Strips) : IWeightVisitor<MethodInfo>
{
    /// <summary>The kernel's method.</summary>
    public MethodInfo Method => Weight.Accept(this);

    MethodInfo IWeightVisitor<MethodInfo>.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>() => Columns switch
    {
        8 => Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, Columns8>(),
        16 => Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, Columns16>(),
        32 => Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, Columns32>(),
        _ => Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, Columns64>(),
    };

    private MethodInfo Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, TColumns>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TLookup : struct, ITableLookup
        where TRaw : unmanaged
        where TConstants : struct, ITileConstants<TRaw>
        where TOffsets : struct, ITileConstants<TRaw>
        where TElement : struct, ITensorElement
        where TColumns : struct, IWarpgroupColumns
    {
        Action<DecodeArguments> kernel = Strips switch
        {
            1 => WarpgroupBatchKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, TColumns, OneStrip>.Run,
            2 => WarpgroupBatchKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, TColumns, TwoStrips>.Run,
            3 => WarpgroupBatchKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, TColumns, ThreeStrips>.Run,
            _ => WarpgroupBatchKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, TColumns, FourStrips>.Run,
        };
        return kernel.Method;
    }
}
