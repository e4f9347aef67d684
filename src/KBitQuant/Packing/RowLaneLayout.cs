using System.Buffers.Binary;
using System.Numerics;

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
///                   dword d, lane j: row 16g+j,       dword d, lane j: columns 16d .. 16d+15
///                   columns 8d .. 8d+7, low first
///
/// k:      2      3      4      5      6      7      8
/// planes: 2     2+1     4     4+1    4+2   4+2+1    8
/// </code>
/// A plane holds its bits of the code for all columns of the unit. Its dwords are rotated left by the position of these bits in the
/// code: shifted or rotated right by w for each column, the field of every plane lies where the code has it. Rows beyond the last
/// are filled with code 0.
/// </remarks>
internal static class RowLaneLayout
{
    /// <summary>Rows of a group: the lanes of a 512-bit register of floats.</summary>
    public const int Lanes = 16;

    /// <summary>Columns of a unit: the fields of a dword of the narrowest plane.</summary>
    public const int UnitColumns = 32;

    private const int DwordBits = 32;

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
        Span<byte> codes = stackalloc byte[UnitColumns];
        int firstRow = group * Lanes;
        for (int lane = 0; lane < Math.Min(Lanes, rows - firstRow); lane++)
        {
            long rowStart = (long)(firstRow + lane) * columns;
            for (int unit = 0; unit < columns / UnitColumns; unit++)
            {
                BitPacking.Unpack(packed, bits, rowStart + (unit * UnitColumns), codes);
                PackUnitLane(codes, bits, lane, destination.Slice(unit * UnitBytes(bits), UnitBytes(bits)));
            }
        }
    }

    /// <summary>One row's 32 codes into its lane of every plane.</summary>
    private static void PackUnitLane(ReadOnlySpan<byte> codes, int bits, int lane, Span<byte> unit)
    {
        int planeStart = 0;
        for (int position = 0; position < bits;)
        {
            int width = position == 0 ? LowPlaneBits(bits) : bits - position >= 2 ? 2 : 1;
            int fields = DwordBits / width;
            for (int dword = 0; dword < width; dword++)
            {
                uint value = 0;
                for (int field = 0; field < fields; field++)
                    value |= (((uint)codes[(dword * fields) + field] >> position) & ((1u << width) - 1)) << (field * width);
                int at = planeStart + (((dword * Lanes) + lane) * sizeof(uint));
                BinaryPrimitives.WriteUInt32LittleEndian(unit[at..], BitOperations.RotateLeft(value, position));
            }

            planeStart += width * Lanes * sizeof(uint);
            position += width;
        }
    }
}
