using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Packing;

/// <summary>Transposes 16 rows of dwords.</summary>
internal static unsafe class SquareTranspose
{
    private const int Side = 16;

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

        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < columns; column++)
                destination[(column * Side) + row] = rows[(row * columns) + column];
        }
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
