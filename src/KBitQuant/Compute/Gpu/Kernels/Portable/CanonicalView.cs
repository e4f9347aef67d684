using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>A <see cref="CanonicalWeight"/> as kernels see it.</summary>
internal struct CanonicalView : IWeightView
{
    /// <summary>The canonical packing as 32-bit words, with one more at the end.</summary>
    public ArrayView<uint> Words;

    /// <summary>Code to value: 2^<see cref="Bits"/> entries.</summary>
    public ArrayView<float> Table;

    /// <summary>A constant for each block.</summary>
    public ConstantView Constants;

    /// <summary>An offset for each block, where <see cref="HasOffsets"/> is 1.</summary>
    public ConstantView Offsets;

    /// <summary>k.</summary>
    public int Bits;

    /// <summary>Elements of a block.</summary>
    public int BlockSize;

    /// <summary>0 or 1.</summary>
    public int HasOffsets;

    /// <summary>Always 0, which no compiler knows: see <see cref="Sum"/>.</summary>
    public uint Zero;

    /// <summary>The code of an element. A code may lie across two words; <see cref="Words"/> has one more for the last.</summary>
    public readonly int Code(int index)
    {
        long bit = (long)index * Bits;
        long word = bit >> 5;
        ulong window = Words[word] | ((ulong)Words[word + 1] << 32);
        return (int)(window >> (int)(bit & 31)) & ((1 << Bits) - 1);
    }

    public readonly float Value(int row, int column, int columns, ArrayView<float> table) => Value((row * columns) + column, table);

    /// <summary>As the other overload, by the place in row-major order.</summary>
    public readonly float Value(int index, ArrayView<float> table)
    {
        int block = index / BlockSize;
        float product = Constants.Read(block) * table[Code(index)];
        return HasOffsets == 0 ? product : Sum(product, Offsets.Read(block), Zero);
    }

    public readonly ArrayView<float> ShareTable() => Share(Table, 1 << Bits);

    /// <summary>product + offset, both roundings as on the processor. PTX and OpenCL compilers fuse a sum with the product before it
    /// into one rounding; the product's bits therefore pass through an operation on integers with a number that is known only at run
    /// time.</summary>
    /// <param name="product">A product.</param>
    /// <param name="offset">What to add.</param>
    /// <param name="zero">0, which no compiler knows.</param>
    public static float Sum(float product, float offset, uint zero)
    {
        float rounded = Interop.IntAsFloat(Interop.FloatAsInt(product) ^ zero);
        // Adding a zero offset would turn -0 into +0.
        return offset == 0 ? rounded : rounded + offset;
    }

    /// <summary>Copies the first entries of a table to shared memory, with all threads of the group.</summary>
    public static ArrayView<float> Share(ArrayView<float> values, int count)
    {
        ArrayView<float> table = SharedMemory.Allocate<float>(DataTypes.DataType.MaxEntries);
        for (int code = Group.IdxX; code < count; code += Group.DimX)
            table[code] = values[code];
        Group.Barrier();
        return table;
    }
}
