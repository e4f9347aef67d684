namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>
/// The shape and the shared memory of the groups of <see cref="WarpgroupVariant"/>'s kernels. A group is some parts, which divide the
/// columns, of some warpgroups each, which divide the rows. Behind the table, each part has two stages of inputs, each of a slice's
/// four chunks. The sums of the end take the place of all that.
/// </summary>
internal static class WarpgroupBatch
{
    /// <summary>The most threads of a group: as many as have 128 registers each.</summary>
    public const int MaxSize = 512;

    /// <summary>Threads of a warpgroup.</summary>
    public const int WarpgroupSize = 128;

    /// <summary>Units of a warpgroup: one for each warp.</summary>
    public const int WarpgroupUnits = WarpgroupSize / 32;

    /// <summary>Weight rows of a warpgroup.</summary>
    public const int WarpgroupRows = WarpgroupUnits * PackedLayout.UnitRows;

    /// <summary>Bytes of an input row in a chunk's stage.</summary>
    public const int RowBytes = PackedLayout.ChunkColumns * sizeof(ushort);

    private const int Stages = 2;

    /// <summary>Bytes of the inputs of a slice.</summary>
    public static int StageBytes(int columns) => columns * (PackedLayout.SliceColumns * sizeof(ushort));

    /// <summary>Where a part's first stage is.</summary>
    public static uint Stage(uint shared, int part, int columns) => shared + (uint)(DecodeGroup.TableBytes + (part * Stages * StageBytes(columns)));

    /// <summary>The fewest warpgroups of a part: each thread copies inputs of a slice eight times at most.</summary>
    public static int FewestStrips(int columns) => columns > 32 ? 2 : 1;

    /// <summary>Bytes from an input row to the next among the sums: lanes 2t and g then use different banks.</summary>
    public static int SumPitch(int strips) => ((strips * WarpgroupRows) + 4) * sizeof(float);

    /// <summary>Bytes of shared memory of a group.</summary>
    /// <param name="strips">Warpgroups of a part.</param>
    /// <param name="parts">Parts.</param>
    /// <param name="columns">Input rows.</param>
    public static int SharedBytes(int strips, int parts, int columns) =>
        Math.Max(DecodeGroup.TableBytes + (parts * Stages * StageBytes(columns)), parts * columns * SumPitch(strips));
}
