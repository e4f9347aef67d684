using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Numerics;

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
/// planes: 2     3+1     4     4+1    4+2   4+2+1    8
///
/// k = 3: fields of 4 bits, a bit of quads 6 and 7 above the codes of quads 0 to 5:
///                   | bit d of 7 | 2d+1 | bit d of 6 | 2d |     a byte of dword d, 0 to 2
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

    /// <summary>k whose fields of 4 bits have room for a bit of another code.</summary>
    private const int ThreeBits = 3;

    private const int BitsPerByte = 8;
    private const int DwordBits = 32;
    private const uint EachByte = 0x0101_0101;

    /// <summary>Columns laid out at a time: at most 8 KB of codes.</summary>
    private const int ChunkColumns = 512;

    /// <summary>Bytes of a unit.</summary>
    public static int UnitBytes(int bits) => Lanes * UnitColumns * bits / 8;

    /// <summary>Bytes of a row group.</summary>
    public static long GroupBytes(int columns, int bits) => (long)(columns / UnitColumns) * UnitBytes(bits);

    /// <summary>The width of the plane that holds the lowest bits of a code.</summary>
    public static int LowPlaneBits(int bits) => bits switch
    {
        8 => 8,
        >= 4 => 4,
        _ => bits,
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
        int firstRow = group * Lanes;
        ReadOnlySpan<byte> codes = packed[(int)((long)firstRow * columns / BitsPerByte * bits)..];
        int lanes = Math.Min(Lanes, rows - firstRow);
        for (int column = 0; column < columns; column += ChunkColumns)
        {
            int first = column / UnitColumns * UnitBytes(bits);
            int end = Math.Min(column + ChunkColumns, columns) / UnitColumns * UnitBytes(bits);
            Span<uint> units = MemoryMarshal.Cast<byte, uint>(destination[first..end]);
            // The first columns of the next group follow those of this one's last rows.
            Prefetch(codes, bits, columns, column + ChunkColumns < columns ? column + ChunkColumns : (long)Lanes * columns);
            if (LowPlaneBits(bits) == bits && bits != ThreeBits)
                ArrangeUnits(codes, bits, lanes, columns, column, units);
            else
                PackUnits(codes, bits, lanes, columns, column, units);
        }
    }

    /// <summary>Asks for a chunk of 16 rows: each row's part is too short for the processor to see a stream in it.</summary>
    private static unsafe void Prefetch(ReadOnlySpan<byte> codes, int bits, int columns, long column)
    {
        if (!Sse.IsSupported)
            return;
        fixed (byte* start = codes)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                byte* chunk = start + ((((long)lane * columns) + column) / BitsPerByte * bits);
                for (int line = 0; line < ChunkColumns / BitsPerByte * bits; line += CacheLine.Bytes)
                    Sse.Prefetch0(chunk + line);
            }
        }
    }

    /// <summary>Codes that are one plane: the stream's own dwords, transposed and arranged.</summary>
    [SkipLocalsInit]
    private static void ArrangeUnits(ReadOnlySpan<byte> codes, int bits, int lanes, int columns, int column, Span<uint> units)
    {
        int count = units.Length / (bits * Lanes) * UnitColumns;
        // Dwords of a row, of which transposing takes 16 at a time.
        int stride = ChunkColumns / DwordBits * bits;
        Span<uint> dwords = stackalloc uint[Lanes * stride];
        Span<uint> transposed = stackalloc uint[Lanes * stride];
        dwords[(lanes * stride)..].Clear();
        for (int lane = 0; lane < lanes; lane++)
        {
            int start = (int)((((long)lane * columns) + column) / BitsPerByte * bits);
            codes.Slice(start, count / BitsPerByte * bits).CopyTo(MemoryMarshal.AsBytes(dwords[(lane * stride)..]));
        }

        SquareTranspose.Transpose(dwords, stride, transposed);
        PlaneFields.Arrange(transposed, bits);
        transposed[..units.Length].CopyTo(units);
    }

    /// <summary>Codes of several planes: unpacked to bytes, transposed, and packed plane by plane.</summary>
    [SkipLocalsInit]
    private static void PackUnits(ReadOnlySpan<byte> codes, int bits, int lanes, int columns, int column, Span<uint> units)
    {
        int count = units.Length / (bits * Lanes) * UnitColumns;
        Span<byte> bytes = stackalloc byte[Lanes * ChunkColumns];
        Span<uint> quads = stackalloc uint[ChunkColumns / QuadColumns * Lanes];
        bytes[(lanes * ChunkColumns)..].Clear();
        for (int lane = 0; lane < lanes; lane++)
            BitPacking.Unpack(codes, bits, ((long)lane * columns) + column, bytes.Slice(lane * ChunkColumns, count));
        SquareTranspose.Transpose(MemoryMarshal.Cast<byte, uint>(bytes), ChunkColumns / QuadColumns, quads);
        if (bits == ThreeBits)
        {
            PackThreeBits(quads[..(count / QuadColumns * Lanes)], units);
            return;
        }

        for (int position = 0; position < bits;)
        {
            int width = position == 0 ? LowPlaneBits(bits) : bits - position >= 2 ? 2 : 1;
            PackPlane(quads[..(count / QuadColumns * Lanes)], position, width, units[(position * Lanes)..], bits * Lanes);
            position += width;
        }
    }

    /// <summary>Codes of 3 bits in fields of 4: six quads in the three lower bits, and a bit of the other two above them in each of three dwords.</summary>
    private static void PackThreeBits(ReadOnlySpan<uint> quads, Span<uint> units)
    {
        ref uint quad = ref MemoryMarshal.GetReference(quads);
        ref uint to = ref MemoryMarshal.GetReference(units);
        for (int unit = 0; unit < units.Length / (ThreeBits * Lanes); unit++, quad = ref Unsafe.Add(ref quad, UnitQuads * Lanes))
        {
            for (int dword = 0; dword < ThreeBits; dword++, to = ref Unsafe.Add(ref to, Lanes))
            {
                for (int lane = 0; lane < Lanes; lane += Vector256<uint>.Count)
                {
                    ref uint lanes = ref Unsafe.Add(ref quad, lane);
                    Vector256<uint> even = Join(ref lanes, 2 * dword, 2 * ThreeBits, dword), odd = Join(ref lanes, (2 * dword) + 1, (2 * ThreeBits) + 1, dword);
                    (even | (odd << (BitsPerByte / 2))).StoreUnsafe(ref to, (nuint)lane);
                }
            }
        }
    }

    /// <summary>A quad's codes, and a bit of another's above them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Join(ref uint lanes, int whole, int other, int bit) =>
        Vector256.LoadUnsafe(ref lanes, (nuint)(whole * Lanes)) | (((Vector256.LoadUnsafe(ref lanes, (nuint)(other * Lanes)) >>> bit) & Vector256.Create(EachByte)) << ThreeBits);

    /// <summary>The planes that there are, each compiled by itself.</summary>
    private static void PackPlane(ReadOnlySpan<uint> quads, int position, int width, Span<uint> plane, int stride)
    {
        switch (position, width)
        {
            case (0, 4):
                PackFields(quads, 0, 4, plane, stride);
                break;
            case (4, 1):
                PackFields(quads, 4, 1, plane, stride);
                break;
            case (4, 2):
                PackFields(quads, 4, 2, plane, stride);
                break;
            default:
                PackFields(quads, 6, 1, plane, stride);
                break;
        }
    }

    /// <summary>The bits of the codes from <paramref name="position"/> on. Quad q's field goes to bit position + q * width of its byte; those
    /// that go beyond it to the next byte, as the dword is rotated.</summary>
    /// <param name="quads">[unit][quad][lane].</param>
    /// <param name="position">The lowest bit.</param>
    /// <param name="width">How many bits, which are the plane's dwords in a unit.</param>
    /// <param name="plane">The plane in the first unit.</param>
    /// <param name="stride">Dwords from unit to unit.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PackFields(ReadOnlySpan<uint> quads, int position, int width, Span<uint> plane, int stride)
    {
        ref uint quad = ref MemoryMarshal.GetReference(quads);
        ref uint to = ref MemoryMarshal.GetReference(plane);
        for (int unit = 0; unit < quads.Length / (UnitQuads * Lanes); unit++, to = ref Unsafe.Add(ref to, stride))
        {
            for (int dword = 0; dword < width; dword++, quad = ref Unsafe.Add(ref quad, BitsPerByte / width * Lanes))
                JoinFields(ref quad, position, width, ref Unsafe.Add(ref to, dword * Lanes));
        }
    }

    /// <summary>The fields of some quads in a dword of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void JoinFields(ref uint quad, int position, int width, ref uint to)
    {
        nuint half = (nuint)Vector256<uint>.Count;
        Vector256<uint> mask = Vector256.Create(EachByte * (((1u << width) - 1) << position));
        int within = (BitsPerByte - position) / width;
        Vector256<uint> lower = default, upper = default, lowerNext = default, upperNext = default;
        for (int i = (within - 1) * Lanes; i >= 0; i -= Lanes)
        {
            lower = (lower << width) | (Vector256.LoadUnsafe(ref quad, (nuint)i) & mask);
            upper = (upper << width) | (Vector256.LoadUnsafe(ref quad, (nuint)i + half) & mask);
        }

        for (int i = within * Lanes; i < BitsPerByte / width * Lanes; i += Lanes)
        {
            lowerNext = (lowerNext >>> width) | (Vector256.LoadUnsafe(ref quad, (nuint)i) & mask);
            upperNext = (upperNext >>> width) | (Vector256.LoadUnsafe(ref quad, (nuint)i + half) & mask);
        }

        (lower | ToNextByte(lowerNext >>> width)).StoreUnsafe(ref to);
        (upper | ToNextByte(upperNext >>> width)).StoreUnsafe(ref to, half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> ToNextByte(Vector256<uint> value) => (value << BitsPerByte) | (value >>> (DwordBits - BitsPerByte));
}
