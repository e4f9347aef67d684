using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>For which weights and elements a kernel is compiled: each k, format of constants and element has its own.</summary>
/// <param name="Bits">k, 2 to 8.</param>
/// <param name="ConstantKind">The format of constants and offsets, as <see cref="PackedView.ConstantKind"/> names it.</param>
/// <param name="HasOffsets">Whether blocks have offsets.</param>
/// <param name="IsHalf">Whether inputs and outputs are halves, rather than BFloat16.</param>
internal readonly record struct WeightVariant(int Bits, int ConstantKind, bool HasOffsets, bool IsHalf)
{
    /// <summary>Whether an element counts in ones through all codes, each a symbol by itself: BFloat16 does by seven bits.</summary>
    public bool CanCount => Bits > 4 && Bits <= (IsHalf ? 8 : 7);

    /// <summary>The elements' <see cref="ITensorElement.CountingStart"/>.</summary>
    public float CountingStart => IsHalf ? default(HalfTensorElement).CountingStart : default(BFloat16TensorElement).CountingStart;

    /// <summary>Tells a visitor the types.</summary>
    public TResult Accept<TResult>(IWeightVisitor<TResult> visitor) => Bits switch
    {
        2 => Accept<TResult, Format2.Codes, Format2, QuadLookup>(visitor),
        3 => Accept<TResult, Format3.Codes, Format3, PairLookup>(visitor),
        4 => Accept<TResult, Format4.Codes, Format4, PairLookup>(visitor),
        5 => Accept<TResult, Format5.Codes, Format5, SingleLookup>(visitor),
        6 => Accept<TResult, Format6.Codes, Format6, SingleLookup>(visitor),
        7 => Accept<TResult, Format7.Codes, Format7, SingleLookup>(visitor),
        _ => Accept<TResult, Format8.Codes, Format8, SingleLookup>(visitor),
    };

    private TResult Accept<TResult, TCodes, TFormat, TLookup>(IWeightVisitor<TResult> visitor)
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TLookup : struct, ITableLookup => ConstantKind switch
        {
            PackedView.HalfConstants => Accept<TResult, TCodes, TFormat, TLookup, Words2, HalfConstants>(visitor),
            PackedView.BFloat16Constants => Accept<TResult, TCodes, TFormat, TLookup, Words2, BFloat16Constants>(visitor),
            _ => Accept<TResult, TCodes, TFormat, TLookup, Words4, FloatConstants>(visitor),
        };

    private TResult Accept<TResult, TCodes, TFormat, TLookup, TRaw, TConstants>(IWeightVisitor<TResult> visitor)
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TLookup : struct, ITableLookup
        where TRaw : unmanaged
        where TConstants : struct, ITileConstants<TRaw> => HasOffsets
            ? Accept<TResult, TCodes, TFormat, TLookup, TRaw, TConstants, TConstants>(visitor)
            : Accept<TResult, TCodes, TFormat, TLookup, TRaw, TConstants, NoConstants<TRaw>>(visitor);

    private TResult Accept<TResult, TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets>(IWeightVisitor<TResult> visitor)
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
        where TLookup : struct, ITableLookup
        where TRaw : unmanaged
        where TConstants : struct, ITileConstants<TRaw>
        where TOffsets : struct, ITileConstants<TRaw> => IsHalf
            ? visitor.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, HalfTensorElement>()
            : visitor.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, BFloat16TensorElement>();
}
