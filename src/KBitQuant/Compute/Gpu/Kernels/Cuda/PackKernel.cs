using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Portable;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Canonical packing to <see cref="PackedLayout"/>, on the device. A thread for each 32-bit word of a lane in a slice.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class PackKernel
{
    /// <summary>32-bit words of a lane, of every plane.</summary>
    private const int LaneWords = 4;

    /// <summary>Packs the codes of a weight, within a call.</summary>
    public static void PackCodes(GpuDevice device, Arguments arguments)
    {
        long threads = arguments.Packed.Layout.Slices * LaneWords * 32;
        device.Launch(Codes, (int)(((threads - 1) / device.GroupSize) + 1), arguments);
    }

    /// <summary>Packs constants, or offsets, in a 16-bit format, two to a thread.</summary>
    public static void PackConstants<TElement>(GpuDevice device, ConstantArguments arguments)
        where TElement : struct, IElement<ushort>
    {
        long threads = arguments.Layout.ConstantCount / 2;
        device.Launch(ShortConstants<TElement>, (int)(((threads - 1) / device.GroupSize) + 1), arguments);
    }

    /// <summary>Packs constants, or offsets, as floats.</summary>
    public static void PackConstants(GpuDevice device, ConstantArguments arguments) =>
        device.Launch(FloatConstants, (int)(((arguments.Layout.ConstantCount - 1) / device.GroupSize) + 1), arguments);

    private static void Codes(Arguments arguments)
    {
        PackedLayout layout = arguments.Packed.Layout;
        long thread = ((long)Grid.IdxX * Group.DimX) + Group.IdxX;
        int lane = (int)(thread / LaneWords % 32);
        int word = (int)(thread % LaneWords);
        long slice = thread / (LaneWords * 32);
        if (slice >= layout.Slices)
            return;
        int planeStart = 0;
        for (int shift = 0; shift < layout.SymbolBits;)
        {
            int bits = layout.PlaneBits(shift);
            int words = layout.PlaneWords(bits);
            for (int i = 0; i < words; i++)
                arguments.Packed.Codes[layout.WordIndex(slice, lane, planeStart + i, word)] = Word(arguments, slice, lane, word, i, bits, shift);
            planeStart += words;
            shift += bits;
        }
    }

    /// <summary>A word of a plane: 32 / bits symbols.</summary>
    private static uint Word(Arguments arguments, long slice, int lane, int word, int planeWord, int bits, int shift)
    {
        int groups = 8 / bits;
        uint packed = 0;
        for (int group = 0; group < groups; group++)
        {
            for (int b = 0; b < 4; b++)
            {
                uint symbol = Symbol(arguments, slice, lane, new() { Word = word, Group = (planeWord * groups) + group, Byte = b });
                packed |= ((symbol >> shift) & ((1u << bits) - 1)) << ((b * 8) + (group * bits));
            }
        }

        return packed;
    }

    private static uint Symbol(Arguments arguments, long slice, int lane, CodePlace place)
    {
        PackedLayout layout = arguments.Packed.Layout;
        int slices = layout.UnitSlices;
        int firstRow = (int)(slice / slices) * PackedLayout.UnitRows;
        int firstColumn = (int)(slice % slices) * PackedLayout.SliceColumns;
        uint value = 0;
        for (int i = 0; i < layout.SymbolCodes; i++)
        {
            place.Code = i;
            int row = firstRow + layout.RowOf(lane, place);
            int column = firstColumn + layout.ColumnOf(lane, place);
            bool isInside = row < arguments.Rows && column < arguments.Columns;
            int code = isInside ? arguments.Canonical.Code((row * arguments.Columns) + column) : arguments.PaddingCode;
            value |= (uint)code << (i * layout.Bits);
        }

        return value;
    }

    private static void ShortConstants<TElement>(ConstantArguments arguments)
        where TElement : struct, IElement<ushort>
    {
        long pair = ((long)Grid.IdxX * Group.DimX) + Group.IdxX;
        if (pair >= arguments.Layout.ConstantCount / 2)
            return;
        TElement element = default;
        uint low = element.Round(Constant(arguments, pair * 2));
        uint high = element.Round(Constant(arguments, (pair * 2) + 1));
        arguments.Packed[pair] = low | (high << 16);
    }

    private static void FloatConstants(ConstantArguments arguments)
    {
        long index = ((long)Grid.IdxX * Group.DimX) + Group.IdxX;
        if (index < arguments.Layout.ConstantCount)
            arguments.Packed[index] = Interop.FloatAsInt(Constant(arguments, index));
    }

    /// <summary>The value that belongs in a place of the layout: the inverse of <see cref="PackedLayout.ConstantIndex"/>.</summary>
    private static float Constant(ConstantArguments arguments, long index)
    {
        int inTile = (int)(index % PackedLayout.TileConstants);
        long tile = index / PackedLayout.TileConstants;
        int row = ((int)(tile / arguments.Layout.Tiles) * PackedLayout.UnitRows) + (inTile / 4) + (inTile % 2 * 8);
        int column = ((int)(tile % arguments.Layout.Tiles) * PackedLayout.TileColumns) + (inTile / 2 % 2 * PackedLayout.ChunkColumns);
        bool isInside = row < arguments.Rows && column < arguments.Columns;
        return isInside ? arguments.Values.Read(((row * arguments.Columns) + column) / arguments.BlockSize) : 0;
    }

    /// <summary>The parameter of the kernel for codes.</summary>
    internal struct Arguments
    {
        public CanonicalView Canonical;
        public PackedView Packed;
        public int Rows;
        public int Columns;

        /// <summary>The code of what is not there: one with a finite value, since it is multiplied by a zero constant.</summary>
        public int PaddingCode;
    }

    /// <summary>The parameter of the kernels for constants and offsets.</summary>
    internal struct ConstantArguments
    {
        public PackedLayout Layout;

        /// <summary>One for each block of the canonical order.</summary>
        public ConstantView Values;

        /// <summary>The place in the layout's order.</summary>
        public ArrayView<uint> Packed;

        public int Rows;
        public int Columns;
        public int BlockSize;
    }
}
