using System.Numerics;
using System.Runtime.InteropServices;

namespace KBitQuant.Packing;

/// <summary>
/// The kernel layout in which vector lanes are weight rows: a register of 16 lanes holds one column of 16 rows, so that products need
/// no horizontal sums, a block constant is a lane's, and one broadcast input serves 16 rows. Made offline, never written to files.
/// </summary>
/// <remarks>
/// <code>
/// row group g = rows 16g .. 16g+15            unit u = columns 32u .. 32u+31 of a group, 64 k bytes
///
/// unit of k = 6:  | plane of 4 bits: 4 x 16 dwords | plane of 2 bits: 2 x 16 dwords |
///                   dword d, lane j: quads 2d, 2d+1    dword d, lane j: quads 4d .. 4d+3
///
/// quad q = columns 4q .. 4q+3 of the unit, one in each byte of the dwords of every plane:
///                   | q odd  q even | q odd  q even | q odd  q even | q odd  q even |     a dword of the plane of 4 bits
///                     column 4q+3     column 4q+2     column 4q+1     column 4q
///
/// k:      2      3      4      5      6      7      8
/// planes: 2     2+1     4     4+1    4+2   4+2+1    8
/// </code>
/// A plane holds its bits of the codes. Rotating by 8 goes from column to column in all planes at once, rotating by a plane's width to
/// its next quad; and a quad's four codes join in bytes, for products of bytes. Dwords are rotated left by the position of the plane's bits
/// in the code, so that fields of different planes meet. Rows beyond the last are filled with code 0.
/// </remarks>
internal static class RowLaneLayout
{
    /// <summary>Rows of a group: the lanes of a 512-bit register of floats.</summary>
    public const int Lanes = 16;

    /// <summary>Columns of a unit: the fields of a dword of the narrowest plane.</summary>
    public const int UnitColumns = 32;

    /// <summary>Columns of a quad: one in each byte of a dword.</summary>
    public const int QuadColumns = sizeof(uint);

    /// <summary>Quads of a unit.</summary>
    public const int UnitQuads = UnitColumns / QuadColumns;

    private const int BitsPerByte = 8;
    private const uint EachByte = 0x0101_0101;

    /// <summary>Units unpacked at a time: 1 KB of codes.</summary>
    private const int ChunkUnits = 32;

    /// <summary>Bytes of a unit.</summary>
    public static int UnitBytes(int bits) => Lanes * UnitColumns * bits / 8;

    /// <summary>The width of the plane that holds the lowest bits of a code.</summary>
    public static int LowPlaneBits(int bits) => bits switch
    {
        8 => 8,
        >= 4 => 4,
        _ => 2,
    };

    /// <summary>Row groups that hold <paramref name="rows"/> rows.</summary>
    public static int GroupCount(int rows) => (rows + Lanes - 1) / Lanes;

    /// <summary>Lays out one row group.</summary>
    /// <param name="packed">The canonical codes of the whole weight.</param>
    /// <param name="bits">k, 2 to 8.</param>
    /// <param name="rows">Rows of the weight.</param>
    /// <param name="columns">Columns, a multiple of <see cref="UnitColumns"/>.</param>
    /// <param name="group">The group.</param>
    /// <param name="destination">Receives the group's units, <see cref="UnitBytes"/> each.</param>
    public static void PackGroup(ReadOnlySpan<byte> packed, int bits, int rows, int columns, int group, Span<byte> destination)
    {
        destination.Clear();
        Span<byte> codes = stackalloc byte[ChunkUnits * UnitColumns];
        int firstRow = group * Lanes;
        int units = columns / UnitColumns;
        for (int lane = 0; lane < Math.Min(Lanes, rows - firstRow); lane++)
        {
            long rowStart = (long)(firstRow + lane) * columns;
            for (int unit = 0; unit < units; unit += ChunkUnits)
            {
                Span<byte> chunk = codes[..(Math.Min(ChunkUnits, units - unit) * UnitColumns)];
                BitPacking.Unpack(packed, bits, rowStart + ((long)unit * UnitColumns), chunk);
                for (int i = 0; i < chunk.Length / UnitColumns; i++)
                    PackUnitLane(MemoryMarshal.Cast<byte, uint>(chunk.Slice(i * UnitColumns, UnitColumns)), bits, lane, destination[((unit + i) * UnitBytes(bits))..]);
            }
        }
    }

    /// <summary>One row's eight quads, a code in each byte, into its lane of every plane.</summary>
    private static void PackUnitLane(ReadOnlySpan<uint> quads, int bits, int lane, Span<byte> unit)
    {
        Span<uint> dwords = MemoryMarshal.Cast<byte, uint>(unit)[lane..];
        for (int position = 0, plane = 0; position < bits;)
        {
            int width = position == 0 ? LowPlaneBits(bits) : bits - position >= 2 ? 2 : 1;
            int fields = BitsPerByte / width;
            uint mask = EachByte * ((1u << width) - 1);
            for (int dword = 0; dword < width; dword++)
            {
                uint value = 0;
                for (int field = 0; field < fields; field++)
                    value |= ((quads[(dword * fields) + field] >> position) & mask) << (field * width);
                dwords[(plane + dword) * Lanes] = BitOperations.RotateLeft(value, position);
            }

            plane += width;
            position += width;
        }
    }
}
