using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>The shape and the shared memory of the groups of the kernel for large batches. Behind the table come stages of inputs, one
/// for each chunk of a slice, behind those room for outputs, and then two barriers for each stage: one is passed when the stage's inputs
/// have come, one when all warps have multiplied with them. Groups of a cluster have the same inputs for different weight rows: each
/// brings one half of them to both.</summary>
internal static class PrefillGroup
{
    /// <summary>Threads of a group: two warpgroups.</summary>
    public const int Size = 256;

    /// <summary>Units of a group: one for each warp.</summary>
    public const int Units = Size / 32;

    /// <summary>Weight rows of a group.</summary>
    public const int Rows = Units * PackedLayout.UnitRows;

    /// <summary>Chunks of a slice, each with its own stage: addresses that the compiler knows.</summary>
    public const int Stages = PackedLayout.SliceColumns / PackedLayout.ChunkColumns;

    /// <summary>Bytes of an input row in a stage.</summary>
    public const int RowBytes = PackedLayout.ChunkColumns * sizeof(ushort);

    /// <summary>Bytes from the outputs of an input row to those of the next: eight rows then use different banks.</summary>
    public const int OutputPitch = (Rows * sizeof(ushort)) + 16;

    private const int BarrierBytes = 8;

    /// <summary>Input rows whose outputs are put together at a time.</summary>
    public static int OutputColumns<TColumns>(TColumns columns)
        where TColumns : IPrefillColumns => columns.Neighbors > 1 ? 32 : 128;

    /// <summary>Bytes of a stage.</summary>
    public static int StageBytes<TColumns>(TColumns columns)
        where TColumns : IPrefillColumns => columns.Count * RowBytes;

    /// <summary>Bytes of shared memory of a group.</summary>
    public static int SharedBytes<TColumns>(TColumns columns)
        where TColumns : IPrefillColumns => (int)Filled(columns, 0, Stages) + (Stages * BarrierBytes);

    /// <summary>How many groups run side by side on a multiprocessor.</summary>
    /// <param name="columns">The group's input rows.</param>
    /// <param name="sharedBytes">The most shared memory of a group: what a multiprocessor has, less what it reserves for one.</param>
    public static int Neighbors(IPrefillColumns columns, int sharedBytes) =>
        Math.Min(columns.Neighbors, (sharedBytes + BatchGpu.ReservedBytes) / (SharedBytes(columns) + BatchGpu.ReservedBytes));

    /// <summary>The launch of so many clusters.</summary>
    public static CudaGrid Launch(IPrefillColumns columns, int clusters) =>
        new(clusters * columns.ClusterSize, Size, SharedBytes(columns), ClusterSize: columns.ClusterSize);

    /// <summary>The parity of the phase in which the stages of a slice are filled, and then emptied.</summary>
    /// <param name="slice">How many slices the group had before.</param>
    public static uint Parity(int slice) => (uint)slice & 1;

    /// <summary>Where a stage is.</summary>
    public static uint Inputs<TColumns>(TColumns columns, uint shared, int stage)
        where TColumns : IPrefillColumns => shared + DecodeGroup.TableBytes + (uint)(stage * StageBytes(columns));

    /// <summary>Where outputs are put together.</summary>
    public static uint Outputs<TColumns>(TColumns columns, uint shared)
        where TColumns : IPrefillColumns => Inputs(columns, shared, Stages);

    /// <summary>The barrier that is passed when the inputs of a stage have come.</summary>
    public static uint Filled<TColumns>(TColumns columns, uint shared, int stage)
        where TColumns : IPrefillColumns =>
        Outputs(columns, shared) + (uint)((OutputColumns(columns) * OutputPitch) + (stage * BarrierBytes));

    /// <summary>The barrier that is passed when the inputs of a stage are no longer needed.</summary>
    public static uint Emptied<TColumns>(TColumns columns, uint shared, int stage)
        where TColumns : IPrefillColumns => Filled(columns, shared, Stages + stage);

    /// <summary>Makes the barriers, in one thread.</summary>
    public static void MakeBarriers<TColumns>(TColumns columns, uint shared)
        where TColumns : IPrefillColumns
    {
        for (int stage = 0; stage < Stages; stage++)
        {
            PtxBulkCopy.MakeBarrier(Filled(columns, shared, stage), 1);
            PtxBulkCopy.MakeBarrier(Emptied(columns, shared, stage), columns.ClusterSize * Units);
        }

        PtxBulkCopy.ShowBarriers();
    }
}
