namespace KBitQuant.Compute.Gpu.Decoder.Panels;

/// <summary>
/// Rows of 64 halves in shared memory, from which tensor cores take operands. The 16-byte word w of row r is at 128r + 16 (w xor
/// r mod 8): eight rows of a word, or eight words of a row, are in all banks.
/// </summary>
internal static class TensorPanel
{
    /// <summary>Bytes of a row.</summary>
    public const int RowBytes = 128;

    /// <summary>Elements of a row.</summary>
    public const int Columns = RowBytes / sizeof(ushort);

    /// <summary>Where a lane reads 16 columns on is the exclusive or with this.</summary>
    public const uint Columns16 = 32;

    /// <summary>Bytes of 16 rows.</summary>
    public const uint Rows16 = 16 * RowBytes;

    /// <summary>The next address at which a panel may begin: less than <see cref="RowBytes"/> on.</summary>
    public static uint Align(uint address) => (address + RowBytes - 1) & ~(uint)(RowBytes - 1);

    /// <summary>Where a lane reads of the first 16 rows and columns, from the start of a panel: lanes 0 to 15 a row each of the first
    /// eight columns, the others of the next.</summary>
    public static uint LaneOffset(int lane) => (uint)(((lane & 15) * RowBytes) + (((lane >> 4) ^ (lane & 7)) << 4));

    /// <summary>Where a word of a row is.</summary>
    /// <param name="word">From 0 to 7, in the next panel from 8 on.</param>
    /// <param name="row">The row.</param>
    /// <param name="panelBytes">Bytes of a panel.</param>
    public static uint WordOffset(int word, int row, int panelBytes) =>
        (uint)(((word >> 3) * panelBytes) + (row * RowBytes) + (((word ^ row) & 7) << 4));
}
