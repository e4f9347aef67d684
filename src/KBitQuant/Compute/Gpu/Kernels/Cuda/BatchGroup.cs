using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>
/// The shape and the shared memory of the groups of the kernel for batches. Behind the table come three stages of inputs, each of a
/// slice's 256 columns. In every second row, the two halves of 128 bytes are exchanged, so that a warp's 16-byte accesses to eight
/// rows use all banks. The sums of the end take the place of all that.
/// </summary>
internal static class BatchGroup
{
    /// <summary>Threads of a group: 8 warps of 2 units each.</summary>
    public const int Size = 256;

    /// <summary>Units of a group.</summary>
    public const int Units = Size / 32 * 2;

    /// <summary>Weight rows of a group: one a thread.</summary>
    public const int Rows = Units * PackedLayout.UnitRows;

    /// <summary>Bytes of an input row in a stage.</summary>
    public const int RowBytes = PackedLayout.SliceColumns * sizeof(ushort);

    /// <summary>Bytes of eight input rows.</summary>
    public const int EightRowsBytes = 8 * RowBytes;

    /// <summary>Bytes from an input row to the next among the sums: lanes 2t and g then use different banks.</summary>
    public const int OutputPitch = (Rows + 4) * sizeof(float);

    private const int Stages = 3;
    private const int CopyBytes = 16;

    /// <summary>Bytes of shared memory of a group that takes some input rows.</summary>
    public static int SharedBytes(int columns) =>
        Math.Max(DecodeGroup.TableBytes + (Stages * columns * RowBytes), columns * OutputPitch);

    /// <summary>The stage of a slice.</summary>
    public static uint Stage(uint shared, int slice, int columns) =>
        shared + DecodeGroup.TableBytes + (uint)(slice % Stages * columns * RowBytes);

    /// <summary>Begins to copy a slice of the inputs: zeros where there are none.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="slice">The slice.</param>
    /// <param name="firstRow">The first input row.</param>
    /// <param name="columns">How many.</param>
    /// <param name="thread">The thread in its group.</param>
    public static void BeginCopy(DecodeArguments arguments, uint stage, int slice, int firstRow, int columns, int thread)
    {
        const int RowCopies = RowBytes / CopyBytes;
        for (int i = thread; i < columns * RowCopies; i += Size)
        {
            int row = i / RowCopies;
            int copy = i % RowCopies;
            int column = (slice * PackedLayout.SliceColumns) + (copy * (CopyBytes / sizeof(ushort)));
            bool isInside = firstRow + row < arguments.M && column < arguments.K;
            long source = isInside ? ((long)(firstRow + row) * arguments.K) + column : 0;
            uint destination = stage + (uint)((row * RowBytes) + ((copy ^ (row % 2 * 4)) * CopyBytes));
            PtxMemory.BeginCopy(destination, arguments.X + (source * sizeof(ushort)), isInside ? CopyBytes : 0);
        }
    }

    /// <summary>Adds the sums of the cluster's groups in the order of their columns, and writes the outputs: each group some input
    /// rows.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="shared">Where each group has its sums: [input row][weight row].</param>
    /// <param name="rank">The group's place in the cluster.</param>
    /// <param name="firstRow">The first input row.</param>
    /// <param name="columns">How many.</param>
    /// <param name="n">The thread's weight row.</param>
    public static void Reduce<TElement>(DecodeArguments arguments, uint shared, int rank, int firstRow, int columns, int n)
        where TElement : struct, ITensorElement
    {
        TElement element = default;
        int end = IntrinsicMath.Min(columns, arguments.M - firstRow);
        if (n >= arguments.N)
            return;
        float bias = arguments.HasBias == 0 ? 0 : Interop.IntAsFloat(PtxMemory.Load(arguments.Bias + ((long)n * sizeof(float))));
        for (int m = rank; m < end; m += arguments.ClusterSize)
        {
            uint at = shared + (uint)((m * OutputPitch) + (n % Rows * sizeof(float)));
            float sum = 0;
            for (int other = 0; other < arguments.ClusterSize; other++)
                sum += PtxMemory.LoadOfRank(at, other);
            PtxMemory.StoreShort(arguments.Y + ((((long)(firstRow + m) * arguments.N) + n) * 2), element.Round((sum * arguments.OutputScale) + bias));
        }
    }
}
