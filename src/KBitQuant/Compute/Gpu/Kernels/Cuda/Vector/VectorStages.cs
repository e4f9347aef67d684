namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;

/// <summary>From k = 3 on: where a warp's slices, codes (<see cref="StagedCodes{TValues}"/>) and constants, come to shared memory. Where there is room, a warp has two stages,
/// which take turns.</summary>
internal static class VectorStages
{
    /// <summary>Bytes from the constants of a stage to those of the other one.</summary>
    public const int ConstantStep = DecodeGroup.Warps * ConstantBytes;

    /// <summary>Bytes of the constants of a slice, in the widest format.</summary>
    private const int ConstantBytes = 2 * PackedLayout.TileConstants * sizeof(float);

    /// <summary>Bytes of the table with the stages of all warps of a group.</summary>
    /// <param name="bits">k.</param>
    /// <param name="stages">Stages of a warp.</param>
    public static int Bytes(int bits, int stages) => PackedLayout.HasPairWords(bits) ? stages * (CodeStages.Bytes(bits, hasTable: true) + ConstantStep) : DecodeGroup.TableBytes;

    /// <summary>Where the constants of a warp's first stage are, behind the codes of all.</summary>
    /// <param name="bits">k.</param>
    /// <param name="stages">Stages of a warp.</param>
    /// <param name="table">Where the table begins in shared memory.</param>
    /// <param name="warp">The warp in its group.</param>
    public static uint Constants(int bits, int stages, uint table, int warp) => table + (uint)((stages * CodeStages.Bytes(bits, hasTable: true)) + (warp * ConstantBytes));
}
