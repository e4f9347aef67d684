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

    private static int Columns => PrefillGroup.OutputColumns(default(TColumns));

    /// <summary>Writes the outputs of a tile; all threads of the group call this.</summary>
    /// <param name="arguments">The product.</param>
    /// <param name="outputs">Where in shared memory they are put together.</param>
    /// <param name="rowTile">The tile's weight rows.</param>
    /// <param name="firstColumn">Its first input row.</param>
    /// <param name="own">The columns to write.</param>
    /// <param name="thread">The thread in its group.</param>
    public static void Write(DecodeArguments arguments, uint outputs, int rowTile, int firstColumn, ColumnShare own, int thread)
    {
        int lane = thread & 31;
        int warpRow = (thread >> 5) * PackedLayout.UnitRows;
        int firstRow = rowTile * PrefillGroup.Rows;
        int row = firstRow + warpRow + (lane >> 2);
        var store = new Store
        {
            Address = outputs + (uint)(((lane & 7) * PrefillGroup.OutputPitch) + ((warpRow + (lane & 8)) * sizeof(ushort))),
            Scale = arguments.OutputScale,
            LowBias = Bias(arguments, row),
            HighBias = Bias(arguments, row + 8),
        };
        PrefillSums.Visit(store, 0, Columns);
        PtxGrid.Barrier();
        Copy(arguments, outputs, firstRow, firstColumn, own.First * 8, own.End * 8, thread);
        PtxGrid.Barrier();
        if (default(TColumns).Count == Columns)
            return;
        PrefillSums.Visit(store, Columns / 8, Columns);
        PtxGrid.Barrier();
        Copy(arguments, outputs, firstRow, firstColumn + Columns, (own.First * 8) - Columns, (own.End * 8) - Columns, thread);
        PtxGrid.Barrier();
    }

    private static float Bias(DecodeArguments arguments, int row) => arguments.HasBias == 0 || row >= arguments.N
        ? 0
        : Interop.IntAsFloat(PtxMemory.Load(arguments.Bias + ((long)row * sizeof(float))));

    /// <summary>From shared to global memory: the columns from <paramref name="begin"/> to before <paramref name="end"/>, of those that
    /// have been put together.</summary>
    private static void Copy(DecodeArguments arguments, uint outputs, int firstRow, int firstColumn, int begin, int end, int thread)
    {
        int copy = thread & (RowCopies - 1);
        int row = firstRow + (copy * CopyElements);
        int rowsLeft = IntrinsicMath.Min(arguments.N - row, CopyElements);
        end = IntrinsicMath.Min(IntrinsicMath.Min(Columns, end), arguments.M - firstColumn);
        bool isAligned = (arguments.N & (CopyElements - 1)) == 0 && (arguments.Y & (CopyBytes - 1)) == 0;
        for (int column = IntrinsicMath.Max(begin, 0) + (thread >> 4); column < end; column += PrefillGroup.Size / RowCopies)
        {
            uint source = outputs + (uint)((column * PrefillGroup.OutputPitch) + (copy * CopyBytes));
            long destination = arguments.Y + ((((long)(firstColumn + column) * arguments.N) + row) * sizeof(ushort));
            if (isAligned && rowsLeft == CopyElements)
            {
                PtxMemory.Store4(destination, PtxMemory.LoadShared4(source));
                continue;
            }

            for (int i = 0; i < rowsLeft; i++)
                PtxMemory.StoreShort(destination + (i * sizeof(ushort)), PtxMemory.LoadSharedShort(source + (uint)(i * sizeof(ushort))));
        }
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
