using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>The shape and the shared memory of the groups of the kernel for large batches. Behind the table come stages of inputs, one
/// for each chunk of one slice (256 input rows) or two (128), behind those room for outputs, and then two barriers for each stage: one is
/// passed when the stage's inputs have come, one when all warps have multiplied with them. Two groups, a cluster, have the same
/// inputs for different weight rows: each brings one half of them to both.</summary>
internal static class PrefillGroup
{
    /// <summary>Threads of a group: two warpgroups.</summary>
    public const int Size = 256;

    /// <summary>Groups of a cluster.</summary>
    public const int ClusterSize = 2;

    /// <summary>Units of a group: one for each warp.</summary>
    public const int Units = Size / 32;

    /// <summary>Weight rows of a group.</summary>
    public const int Rows = Units * PackedLayout.UnitRows;

    /// <summary>Chunks of a slice, each with its own stage.</summary>
    public const int Chunks = PackedLayout.SliceColumns / PackedLayout.ChunkColumns;

    /// <summary>Bytes of an input row in a stage.</summary>
    public const int RowBytes = PackedLayout.ChunkColumns * sizeof(ushort);

    /// <summary>Input rows whose outputs are put together at a time.</summary>
    public const int OutputColumns = 128;

    /// <summary>Bytes from the outputs of an input row to those of the next: eight rows then use different banks.</summary>
    public const int OutputPitch = (Rows * sizeof(ushort)) + 16;

    private const int BarrierBytes = 8;
    private const int OutputBytes = OutputColumns * OutputPitch;

    private const int StagedColumns = 256;

    /// <summary>How many slices have stages.</summary>
    public static int StagedSlices(int columns) => StagedColumns / columns;

    /// <summary>Bytes of a stage.</summary>
    public static int StageBytes(int columns) => columns * RowBytes;

    /// <summary>Bytes of shared memory of a group that takes some input rows.</summary>
    public static int SharedBytes(int columns) => (int)Filled(0, Stages(columns), columns) + (Stages(columns) * BarrierBytes);

    /// <summary>The launch of so many clusters.</summary>
    public static CudaGrid Launch(int clusters, int columns) =>
        new(clusters * ClusterSize, Size, SharedBytes(columns), ClusterSize: ClusterSize);

    /// <summary>The stage of a chunk of a slice.</summary>
    /// <param name="slice">How many slices the group had before.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="columns">Input rows of the group.</param>
    public static int Stage(int slice, int chunk, int columns) => chunk + ((slice & (StagedSlices(columns) - 1)) * Chunks);

    /// <summary>The parity of the phase in which the stages of a slice are filled, and then emptied.</summary>
    public static uint Parity(int slice, int columns) => (uint)(columns == StagedColumns ? slice : slice >> 1) & 1;

    /// <summary>Where a stage is.</summary>
    public static uint Inputs(uint shared, int stage, int columns) => shared + DecodeGroup.TableBytes + (uint)(stage * StageBytes(columns));

    /// <summary>Where outputs are put together.</summary>
    public static uint Outputs(uint shared, int columns) => Inputs(shared, Stages(columns), columns);

    /// <summary>The barrier that is passed when the inputs of a stage have come.</summary>
    public static uint Filled(uint shared, int stage, int columns) => Outputs(shared, columns) + OutputBytes + (uint)(stage * BarrierBytes);

    /// <summary>The barrier that is passed when the inputs of a stage are no longer needed.</summary>
    public static uint Emptied(uint shared, int stage, int columns) => Filled(shared, Stages(columns) + stage, columns);

    /// <summary>Makes the barriers, in one thread.</summary>
    public static void MakeBarriers(uint shared, int columns)
    {
        for (int stage = 0; stage < Stages(columns); stage++)
        {
            PtxBulkCopy.MakeBarrier(Filled(shared, stage, columns), 1);
            PtxBulkCopy.MakeBarrier(Emptied(shared, stage, columns), ClusterSize * Units);
        }

        PtxBulkCopy.ShowBarriers();
    }

    private static int Stages(int columns) => Chunks * StagedSlices(columns);
}
