using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Portable;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>A packed weight as portable kernels see it: the path of inputs that the tensor cores do not take.</summary>
internal struct PackedView : IWeightView
{
    /// <summary>Constants and offsets are halves.</summary>
    public const int HalfConstants = ConstantView.Halves;

    /// <summary>Constants and offsets are BFloat16.</summary>
    public const int BFloat16Constants = ConstantView.BFloat16s;

    /// <summary>Constants and offsets are floats.</summary>
    public const int FloatConstants = ConstantView.Singles;

    /// <summary>The layout.</summary>
    public PackedLayout Layout;

    /// <summary>The codes.</summary>
    public ArrayView<uint> Codes;

    /// <summary>Constants in <see cref="ConstantKind"/>.</summary>
    public ArrayView<uint> Constants;

    /// <summary>Offsets in the same format, where <see cref="HasOffsets"/> is 1.</summary>
    public ArrayView<uint> Offsets;

    /// <summary>Code to value.</summary>
    public ArrayView<float> Table;

    /// <summary>0 or 1.</summary>
    public int HasOffsets;

    /// <summary>The format of constants and offsets.</summary>
    public int ConstantKind;

    /// <summary>Always 0: see <see cref="CanonicalView.Sum"/>.</summary>
    public uint Zero;

    public readonly float Value(int row, int column, int columns, ArrayView<float> table)
    {
        long index = Layout.ConstantIndex(row, column);
        float product = Constant(Constants, index) * table[Code(row, column)];
        return HasOffsets == 0 ? product : CanonicalView.Sum(product, Constant(Offsets, index), Zero);
    }

    public readonly ArrayView<float> ShareTable() => CanonicalView.Share(Table, 1 << Layout.Bits);

    private readonly float Constant(ArrayView<uint> constants, long index)
    {
        if (ConstantKind == FloatConstants)
            return Interop.IntAsFloat(constants[index]);
        uint bits = (constants[index / 2] >> (int)(index % 2 * 16)) & 0xFFFF;
        return ConstantKind == HalfConstants ? default(HalfElement).Widen((ushort)bits) : default(BFloat16Element).Widen((ushort)bits);
    }

    private readonly int Code(int row, int column)
    {
        CodePlace place = Layout.PlaceOf(row, column);
        int lane = (row % 8 * 4) + (column / 8 % 4);
        long slice = ((long)(row / PackedLayout.UnitRows) * Layout.UnitSlices) + (column / PackedLayout.SliceColumns);
        uint value = 0;
        int planeStart = 0;
        for (int shift = 0; shift < Layout.SymbolBits;)
        {
            int bits = Layout.PlaneBits(shift);
            int groups = 8 / bits;
            long index = Layout.WordIndex(slice, lane, planeStart + (place.Group / groups), place.Word);
            value |= ((Codes[index] >> ((place.Byte * 8) + (place.Group % groups * bits))) & ((1u << bits) - 1)) << shift;
            planeStart += Layout.PlaneWords(bits);
            shift += bits;
        }

        return (int)(value >> (place.Code * Layout.Bits)) & ((1 << Layout.Bits) - 1);
    }
}
