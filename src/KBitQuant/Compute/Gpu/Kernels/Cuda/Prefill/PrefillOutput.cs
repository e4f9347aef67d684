using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>Sums to outputs. A product has weight rows by input rows; outputs have it the other way round, so they are put together in
/// shared memory, by some input rows at a time.</summary>
internal static class PrefillOutput<TElement, TColumns>
    where TElement : struct, ITensorElement
    where TColumns : struct, IPrefillColumns
{
    private const int CopyBytes = 16;
    private const int CopyElements = CopyBytes / sizeof(ushort);
    private const int RowCopies = PrefillGroup.Rows / CopyElements;

    /// <summary>From a column that a thread copies to its next one.</summary>
    private const int ColumnStep = PrefillGroup.Size / RowCopies;
    private const uint StepBytes = ColumnStep * PrefillGroup.OutputPitch;

    private static int Columns => PrefillGroup.OutputColumns(default(TColumns));

    /// <summary>Columns whose sums are added at a time: as many as have registers.</summary>
    private static int SomeColumns => IntrinsicMath.Min(Columns, 64);

    /// <summary>Writes the outputs of a tile; all threads of the group call this.</summary>
    /// <param name="arguments">The product.</param>
    /// <param name="outputs">Where in shared memory they are put together.</param>
    /// <param name="rowTile">The tile's weight rows.</param>
    /// <param name="firstColumn">Its first input row.</param>
    /// <param name="thread">The thread in its group.</param>
    public static void Write(DecodeArguments arguments, uint outputs, int rowTile, int firstColumn, int thread)
    {
        Store store = At(arguments, outputs, rowTile, thread);
        PrefillSums.Visit(store, 0, Columns);
        PtxGrid.Barrier();
        Copy(arguments, outputs, rowTile, firstColumn, Columns, thread);
        PtxGrid.Barrier();
        if (default(TColumns).Count == Columns)
            return;
        PrefillSums.Visit(store, Columns / 8, Columns);
        PtxGrid.Barrier();
        Copy(arguments, outputs, rowTile, firstColumn + Columns, Columns, thread);
        PtxGrid.Barrier();
    }

    /// <summary>As <see cref="Write"/>, the own columns of a tile that groups share, when what others hand over is there.</summary>
    public static void WriteShare(PrefillArguments arguments, SharedTile tile, uint outputs, int rowTile, int firstColumn, int thread)
    {
        ColumnShare own = tile.Own;
        Store store = At(arguments.Product, outputs, rowTile, thread);
        for (int eight = own.First; eight < own.End; eight += SomeColumns / 8)
        {
            PrefillExchange.AddShares(arguments, tile, eight, SomeColumns, default(TColumns).Count, thread);
            PrefillSums.Visit(store, 0, SomeColumns);
            store.Address += (uint)(SomeColumns * PrefillGroup.OutputPitch);
        }

        PtxGrid.Barrier();
        Copy(arguments.Product, outputs, rowTile, firstColumn + (own.First * 8), (own.End - own.First) * 8, thread);
    }

    /// <summary>Stores a thread's sums of the tile's first columns.</summary>
    private static Store At(DecodeArguments arguments, uint outputs, int rowTile, int thread)
    {
        int lane = thread & 31;
        int warpRow = (thread >> 5) * PackedLayout.UnitRows;
        int row = (rowTile * PrefillGroup.Rows) + warpRow + (lane >> 2);
        return new()
        {
            Address = outputs + (uint)(((lane & 7) * PrefillGroup.OutputPitch) + ((warpRow + (lane & 8)) * sizeof(ushort))),
            Scale = arguments.OutputScale,
            LowBias = Bias(arguments, row),
            HighBias = Bias(arguments, row + 8),
        };
    }

    private static float Bias(DecodeArguments arguments, int row) => arguments.HasBias == 0 || row >= arguments.N
        ? 0
        : Interop.IntAsFloat(PtxMemory.Load(arguments.Bias + ((long)row * sizeof(float))));

    /// <summary>From shared to global memory: as many columns, of those that have been put together, as there are input rows for.</summary>
    private static void Copy(DecodeArguments arguments, uint outputs, int rowTile, int firstColumn, int count, int thread)
    {
        int copy = thread & (RowCopies - 1);
        int row = (rowTile * PrefillGroup.Rows) + (copy * CopyElements);
        int rowsLeft = IntrinsicMath.Min(arguments.N - row, CopyElements);
        int end = IntrinsicMath.Min(count, arguments.M - firstColumn);
        int column = thread >> 4;
        uint source = outputs + (uint)((column * PrefillGroup.OutputPitch) + (copy * CopyBytes));
        long destination = arguments.Y + ((((long)(firstColumn + column) * arguments.N) + row) * sizeof(ushort));
        long step = (long)arguments.N * (ColumnStep * sizeof(ushort));
        if ((arguments.N & (CopyElements - 1)) == 0 && (arguments.Y & (CopyBytes - 1)) == 0 && rowsLeft == CopyElements)
        {
            for (; column < end; column += 4 * ColumnStep, source += 4 * StepBytes, destination += 4 * step)
                CopyFour(source, destination, step, end - column);
            return;
        }

        for (; column < end; column += ColumnStep, source += StepBytes, destination += step)
        {
            for (int i = 0; i < rowsLeft; i++)
                PtxMemory.StoreShort(destination + (i * sizeof(ushort)), PtxMemory.LoadSharedShort(source + (uint)(i * sizeof(ushort))));
        }
    }

    /// <summary>Copies of four columns of a thread, of which some may be beyond the last one: their loads are on their way together.</summary>
    private static void CopyFour(uint source, long destination, long step, int left)
    {
        Words4 first = PtxMemory.LoadShared4(source);
        Words4 second = PtxMemory.LoadSharedIf4(source + StepBytes, left > ColumnStep ? 1u : 0u);
        Words4 third = PtxMemory.LoadSharedIf4(source + (2 * StepBytes), left > 2 * ColumnStep ? 1u : 0u);
        Words4 fourth = PtxMemory.LoadSharedIf4(source + (3 * StepBytes), left > 3 * ColumnStep ? 1u : 0u);
        PtxMemory.Store4(destination, first);
        if (left > ColumnStep)
            PtxMemory.Store4(destination + step, second);
        if (left > 2 * ColumnStep)
            PtxMemory.Store4(destination + (2 * step), third);
        if (left > 3 * ColumnStep)
            PtxMemory.Store4(destination + (3 * step), fourth);
    }

    private struct Store : ISumVisitor
    {
        public uint Address;
        public float Scale;
        public float LowBias;
        public float HighBias;

        public readonly void Visit(int eight)
        {
            const int EightBytes = 8 * PrefillGroup.OutputPitch;
            TElement element = default;
            Floats4 sums = PrefillSums.Read(eight);
            uint low = element.Round((sums.X * Scale) + LowBias, (sums.Y * Scale) + LowBias);
            uint high = element.Round((sums.Z * Scale) + HighBias, (sums.W * Scale) + HighBias);
            PtxMemory.StoreColumns(Address + (uint)((eight & ((Columns / 8) - 1)) * EightBytes), low, high);
        }
    }
}
