using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Packing;

/// <summary>Transposes 16 rows of dwords.</summary>
internal static unsafe class SquareTranspose
{
    private const int Side = 16;
    private const int Tile = 8;

    /// <summary>Writes the 16 dwords of each column side by side.</summary>
    /// <param name="rows">16 rows of dwords.</param>
    /// <param name="columns">Dwords of a row, a multiple of 16.</param>
    /// <param name="destination">Receives columns * 16 dwords.</param>
    public static void Transpose(ReadOnlySpan<uint> rows, int columns, Span<uint> destination)
    {
        if (Avx512F.IsSupported)
        {
            fixed (uint* from = rows)
            fixed (uint* to = destination)
            {
                for (int column = 0; column < columns; column += Side)
                    TransposeSquare(from + column, columns, to + (column * Side));
            }

            return;
        }

        if (Avx2.IsSupported)
        {
            fixed (uint* from = rows)
            fixed (uint* to = destination)
            {
                for (int column = 0; column < columns; column += Tile)
                {
                    TransposeTile(from + column, columns, to + (column * Side));
                    TransposeTile(from + (Tile * columns) + column, columns, to + (column * Side) + Tile);
                }
            }

            return;
        }

        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < columns; column++)
                destination[(column * Side) + row] = rows[(row * columns) + column];
        }
    }

    /// <summary>Eight rows of eight dwords to the halves of eight rows of the destination, with AVX2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeTile(uint* rows, int stride, uint* destination)
    {
        TransposeQuads(rows, stride, out Vector256<ulong> upper0, out Vector256<ulong> upper1, out Vector256<ulong> upper2, out Vector256<ulong> upper3);
        TransposeQuads(rows + (4 * stride), stride, out Vector256<ulong> lower0, out Vector256<ulong> lower1, out Vector256<ulong> lower2, out Vector256<ulong> lower3);
        Join(upper0, lower0, destination);
        Join(upper1, lower1, destination + Side);
        Join(upper2, lower2, destination + (2 * Side));
        Join(upper3, lower3, destination + (3 * Side));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Join(Vector256<ulong> upper, Vector256<ulong> lower, uint* to)
        {
            Avx2.Permute2x128(upper, lower, 0x20).AsUInt32().Store(to);
            Avx2.Permute2x128(upper, lower, 0x31).AsUInt32().Store(to + (4 * Side));
        }
    }

    /// <summary>Four rows of eight dwords: columns c and c + 4 in the halves of register c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeQuads(uint* rows, int stride, out Vector256<ulong> columns0, out Vector256<ulong> columns1, out Vector256<ulong> columns2, out Vector256<ulong> columns3)
    {
        Vector256<uint> row0 = Vector256.Load(rows), row1 = Vector256.Load(rows + stride);
        Vector256<uint> row2 = Vector256.Load(rows + (2 * stride)), row3 = Vector256.Load(rows + (3 * stride));
        Vector256<ulong> low01 = Avx2.UnpackLow(row0, row1).AsUInt64(), high01 = Avx2.UnpackHigh(row0, row1).AsUInt64();
        Vector256<ulong> low23 = Avx2.UnpackLow(row2, row3).AsUInt64(), high23 = Avx2.UnpackHigh(row2, row3).AsUInt64();
        (columns0, columns1) = (Avx2.UnpackLow(low01, low23), Avx2.UnpackHigh(low01, low23));
        (columns2, columns3) = (Avx2.UnpackLow(high01, high23), Avx2.UnpackHigh(high01, high23));
    }

    /// <summary>Four perfect shuffles: each interleaves the first half of the square with the second, which rotates the eight bits of an
    /// element's place (row, column) by one. After four they stand as (column, row).</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeSquare(uint* rows, int stride, uint* destination)
    {
        uint* buffer = stackalloc uint[Side * Side];
        Shuffle(rows, stride, buffer);
        Shuffle(buffer, Side, destination);
        Shuffle(destination, Side, buffer);
        Shuffle(buffer, Side, destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Shuffle(uint* source, int stride, uint* destination)
    {
        Vector512<uint> low = Vector512.Create(0u, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        Vector512<uint> high = low + Vector512.Create(8u);
        for (int i = 0; i < Side / 2; i++, destination += 2 * Side)
        {
            Vector512<uint> first = Vector512.Load(source + (i * stride));
            Vector512<uint> second = Vector512.Load(source + ((i + (Side / 2)) * stride));
            Avx512F.PermuteVar16x32x2(first, low, second).Store(destination);
            Avx512F.PermuteVar16x32x2(first, high, second).Store(destination + Side);
        }
    }
}
