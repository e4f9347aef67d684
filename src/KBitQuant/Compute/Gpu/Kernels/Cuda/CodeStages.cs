namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Where the stages of a group's warps are (<see cref="StagedCodes{TValues}"/>), in rows of 128 bytes: between the entries of a table, or side by side where there is
/// none.</summary>
internal static class CodeStages
{
    private const int RowBytes = 128;

    /// <summary>Bytes of the table, if there is one, with the stages of all warps of a group.</summary>
    /// <param name="bits">k.</param>
    /// <param name="hasTable">Whether there is.</param>
    public static int Bytes(int bits, bool hasTable)
    {
        int bytes = DecodeGroup.Warps * bits * WordStride(hasTable);
        return hasTable ? Math.Max(DecodeGroup.TableBytes, bytes) : bytes;
    }

    /// <summary>Bytes ahead of the first row.</summary>
    public static int Start(bool hasTable) => hasTable ? RowBytes : 0;

    /// <summary>Bytes from a row to the next.</summary>
    public static int RowStride(bool hasTable) => hasTable ? 2 * RowBytes : RowBytes;

    /// <summary>Bytes from a 16-byte word of a lane to its next one, which is four rows further.</summary>
    public static int WordStride(bool hasTable) => 4 * RowStride(hasTable);
}
