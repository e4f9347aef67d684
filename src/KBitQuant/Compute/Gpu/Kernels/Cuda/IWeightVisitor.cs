using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Is told the types that stand for a <see cref="WeightVariant"/>.</summary>
/// <typeparam name="TResult">What it makes of them.</typeparam>
internal interface IWeightVisitor<TResult>
{
    /// <summary>Called once.</summary>
    TResult Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TLookup : struct, ITableLookup
        where TRaw : unmanaged
        where TConstants : struct, ITileConstants<TRaw>
        where TOffsets : struct, ITileConstants<TRaw>
        where TElement : struct, ITensorElement;
}
