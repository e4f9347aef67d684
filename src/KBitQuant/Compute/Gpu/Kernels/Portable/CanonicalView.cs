using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>A <see cref="CanonicalWeight"/> as kernels see it.</summary>
internal struct CanonicalView
{
    /// <summary>The canonical packing as 32-bit words, with one more at the end.</summary>
    public ArrayView<uint> Words;

    /// <summary>Code to value: 2^<see cref="Bits"/> entries.</summary>
    public ArrayView<float> Table;

    /// <summary>A constant for each block.</summary>
    public ArrayView<float> Constants;

    /// <summary>An offset for each block, where <see cref="HasOffsets"/> is 1.</summary>
    public ArrayView<float> Offsets;

    /// <summary>k.</summary>
    public int Bits;

    /// <summary>Elements of a block.</summary>
    public int BlockSize;

    /// <summary>0 or 1.</summary>
    public int HasOffsets;

    /// <summary>Always 0, which no compiler knows: see <see cref="Value"/>.</summary>
    public uint Zero;

    /// <summary>The code of an element. A code may lie across two words; <see cref="Words"/> has one more for the last.</summary>
    public readonly int Code(int index)
    {
        long bit = (long)index * Bits;
        long word = bit >> 5;
        ulong window = Words[word] | ((ulong)Words[word + 1] << 32);
        return (int)(window >> (int)(bit & 31)) & ((1 << Bits) - 1);
    }

    /// <summary>constant * table[code] + offset, rounded after the product and after the sum, as the processor does. PTX and OpenCL
    /// compilers fuse a sum with the product before it into one rounding; the product's bits therefore pass through an operation on
    /// integers with a number that is known only at run time.</summary>
    /// <param name="index">The element.</param>
    /// <param name="table">The table, wherever the kernel keeps it.</param>
    public readonly float Value(int index, ArrayView<float> table)
    {
        int block = index / BlockSize;
        float product = Constants[block] * table[Code(index)];
        if (HasOffsets == 0)
            return product;
        float offset = Offsets[block];
        float rounded = Interop.IntAsFloat(Interop.FloatAsInt(product) ^ Zero);
        // Adding a zero offset would turn -0 into +0.
        return offset == 0 ? rounded : rounded + offset;
    }

    /// <summary>Brings the table into memory that the group shares; all of its threads call this.</summary>
    public readonly ArrayView<float> ShareTable()
    {
        ArrayView<float> table = SharedMemory.Allocate<float>(DataTypes.DataType.MaxEntries);
        for (int code = Group.IdxX; code < 1 << Bits; code += Group.DimX)
            table[code] = Table[code];
        Group.Barrier();
        return table;
    }
}
