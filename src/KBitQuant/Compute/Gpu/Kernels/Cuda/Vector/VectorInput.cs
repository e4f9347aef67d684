using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;

/// <summary>
/// How the input row comes to shared memory: as it is, or normalized. For each tile, each lane takes from there what it has of B: of columns 32j + 8t to
/// 32j + 8t + 7, 16 bytes in their place of the row, lane 8j + t the first four, lane 8j + 4 + t the others: columns 2j and 2j + 1 of B.
/// </summary>
internal static class VectorInput
{
    /// <summary>Bytes of a tile.</summary>
    public const int TileBytes = PackedLayout.TileColumns * sizeof(ushort);

    /// <summary>Bytes of a slice.</summary>
    public const int SliceBytes = PackedLayout.SliceColumns * sizeof(ushort);

    /// <summary>Columns that a thread takes at a time.</summary>
    private const int ThreadColumns = 8;

    private const int Step = DecodeGroup.Size * ThreadColumns;

    /// <summary>Where a lane's inputs of a tile are.</summary>
    public static uint LaneOffset(int lane) => (uint)((((lane >> 3 << 2) + (lane & 3)) * 16) + ((lane >> 2 & 1) * 8));

    /// <summary>Waits for the previous kernel and brings the row to shared memory; a barrier must follow.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="inputs">Where to.</param>
    /// <param name="sums">Shared memory for a float of each warp.</param>
    /// <param name="thread">The thread in its group.</param>
    public static void Load<TLookup, TElement>(VectorArguments arguments, uint inputs, uint sums, int thread)
        where TLookup : struct, ITableLookup
        where TElement : struct, ITensorElement
    {
        if (arguments.IsNormalized != 0)
        {
            Normalize<TLookup, TElement>(arguments, inputs, sums, thread);
            return;
        }

        PtxGrid.WaitForPrevious();
        for (int i = thread * ThreadColumns; i < arguments.Product.Slices * PackedLayout.SliceColumns; i += Step)
            Store<TLookup>(inputs, i, PtxMemory.LoadIf4(arguments.Product.X + (i * 2L), i < arguments.Product.K ? 1u : 0u));
    }

    private static void Normalize<TLookup, TElement>(VectorArguments arguments, uint inputs, uint sums, int thread)
        where TLookup : struct, ITableLookup
        where TElement : struct, ITensorElement
    {
        // The first columns of a thread, most often all that it has, stay in registers.
        int first = thread * ThreadColumns;
        int end = arguments.Product.Slices * PackedLayout.SliceColumns;
        Floats4 lowWeight = Load(arguments, arguments.NormWeight, first);
        Floats4 highWeight = Load(arguments, arguments.NormWeight, first + 4);
        PtxGrid.WaitForPrevious();
        Floats4 low = Load(arguments, arguments.Product.X, first);
        Floats4 high = Load(arguments, arguments.Product.X, first + 4);
        float squares = Squares(low) + Squares(high);
        for (int i = first + Step; i < end; i += Step)
            squares += Squares(Load(arguments, arguments.Product.X, i)) + Squares(Load(arguments, arguments.Product.X, i + 4));
        float scale = PtxFloats.ReciprocalRoot((Sum(squares, sums, thread) * arguments.InverseColumns) + arguments.Epsilon);
        if (first < end)
            Store<TLookup>(inputs, first, Scale<TElement>(low, high, lowWeight, highWeight, scale));
        for (int i = first + Step; i < end; i += Step)
        {
            Store<TLookup>(inputs, i, Scale<TElement>(
                Load(arguments, arguments.Product.X, i), Load(arguments, arguments.Product.X, i + 4),
                Load(arguments, arguments.NormWeight, i), Load(arguments, arguments.NormWeight, i + 4), scale));
        }
    }

    /// <summary>Four floats; zeros past the last column.</summary>
    private static Floats4 Load(VectorArguments arguments, long address, int column) =>
        PtxMemory.LoadFloatsIf4(address + (column * 4L), column < arguments.Product.K ? 1u : 0u);

    private static float Squares(Floats4 x) => (x.X * x.X) + (x.Y * x.Y) + ((x.Z * x.Z) + (x.W * x.W));

    private static Words4 Scale<TElement>(Floats4 low, Floats4 high, Floats4 lowWeight, Floats4 highWeight, float scale)
        where TElement : struct, ITensorElement
    {
        TElement element = default;
        return new()
        {
            X = element.Round(low.X * scale * lowWeight.X, low.Y * scale * lowWeight.Y),
            Y = element.Round(low.Z * scale * lowWeight.Z, low.W * scale * lowWeight.W),
            Z = element.Round(high.X * scale * highWeight.X, high.Y * scale * highWeight.Y),
            W = element.Round(high.Z * scale * highWeight.Z, high.W * scale * highWeight.W),
        };
    }

    /// <summary>Stores eight inputs where two lanes take them.</summary>
    private static void Store<TLookup>(uint inputs, int column, Words4 x)
        where TLookup : struct, ITableLookup
    {
        bool isLast = (column / 32 & 3) == 3;
        PtxMemory.StoreShared4(inputs + (uint)(column * sizeof(ushort)), isLast ? default(TLookup).OrderLast(x) : x);
    }

    /// <summary>The sum over the threads of the group, in a fixed order, in each of them.</summary>
    private static float Sum(float value, uint sums, int thread)
    {
        for (int mask = 1; mask < 32; mask *= 2)
            value += PtxBits.ExchangeLanes(value, mask);
        if ((thread & 31) == 0)
            PtxMemory.StoreSharedFloat(sums + (uint)(thread >> 5 << 2), value);
        PtxGrid.Barrier();
        float sum = PtxMemory.LoadSharedFloat(sums + (uint)((thread & (DecodeGroup.Warps - 1)) << 2));
        for (int mask = 1; mask < DecodeGroup.Warps; mask *= 2)
            sum += PtxBits.ExchangeLanes(sum, mask);
        return sum;
    }
}
