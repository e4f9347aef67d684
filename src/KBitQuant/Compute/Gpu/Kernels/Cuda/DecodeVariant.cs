using System.Reflection;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Which of the kernels for small batches: each is compiled by itself, for one k, format of constants and element.</summary>
/// <param name="Bits">k, 2 to 8.</param>
/// <param name="ConstantKind">The format of constants and offsets, as <see cref="PackedView.ConstantKind"/> names it.</param>
/// <param name="HasOffsets">Whether blocks have offsets.</param>
/// <param name="IsHalf">Whether inputs and outputs are halves, rather than BFloat16.</param>
/// <param name="IsVector">Whether there is one input row.</param>
internal readonly record struct DecodeVariant(int Bits, int ConstantKind, bool HasOffsets, bool IsHalf, bool IsVector)
{
    /// <summary>The kernel's method.</summary>
    public MethodInfo Method => Bits switch
    {
        2 => Of<Format2.Codes, Format2, QuadLookup>(),
        3 => Of<Format3.Codes, Format3, PairLookup>(),
        4 => Of<Format4.Codes, Format4, PairLookup>(),
        5 => Of<Format5.Codes, Format5, SingleLookup>(),
        6 => Of<Format6.Codes, Format6, SingleLookup>(),
        7 => Of<Format7.Codes, Format7, SingleLookup>(),
        _ => Of<Format8.Codes, Format8, SingleLookup>(),
    };

    private MethodInfo Of<TCodes, TFormat, TLookup>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TLookup : struct, ITableLookup => ConstantKind switch
        {
            PackedView.HalfConstants => Of<TCodes, TFormat, TLookup, Words2, HalfConstants>(),
            PackedView.BFloat16Constants => Of<TCodes, TFormat, TLookup, Words2, BFloat16Constants>(),
            _ => Of<TCodes, TFormat, TLookup, Words4, FloatConstants>(),
        };

    private MethodInfo Of<TCodes, TFormat, TLookup, TRaw, TConstants>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TLookup : struct, ITableLookup
        where TRaw : unmanaged
        where TConstants : struct, ITileConstants<TRaw> => HasOffsets
            ? Of<TCodes, TFormat, TLookup, TRaw, TConstants, TConstants>()
            : Of<TCodes, TFormat, TLookup, TRaw, TConstants, NoConstants<TRaw>>();

    private MethodInfo Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TLookup : struct, ITableLookup
        where TRaw : unmanaged
        where TConstants : struct, ITileConstants<TRaw>
        where TOffsets : struct, ITileConstants<TRaw> => IsHalf
            ? Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, HalfTensorElement>()
            : Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, BFloat16TensorElement>();

    private MethodInfo Of<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TLookup : struct, ITableLookup
        where TRaw : unmanaged
        where TConstants : struct, ITileConstants<TRaw>
        where TOffsets : struct, ITileConstants<TRaw>
        where TElement : struct, ITensorElement
    {
        Action<DecodeArguments> kernel = IsVector
            ? VectorKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>.Run
            : DecodeKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>.Run;
        return kernel.Method;
    }
}
