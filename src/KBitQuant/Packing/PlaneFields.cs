using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.Packing;

/// <summary>
/// From dwords as the canonical stream of 2, 4 or 8 bits has them, column after column, to those of <see cref="RowLaneLayout"/>, where each
/// byte has one column of every quad. A bit's number in its dword has those of the quad q, of the column b in its quad, and of its place in
/// the code; quad and column change places, a bit of the number at a time.
/// </summary>
/// <remarks>
/// <code>
/// k = 2:  q1 q0 b1 b0 .   to   b1 b0 q1 q0 .    exchange 4 and 2, 3 and 1
/// k = 4:  q0 b1 b0 . .    to   b1 b0 q0 . .     exchange 4 and 3, then 3 and 2
/// k = 8:  b1 b0 . . .
/// </code>
/// </remarks>
internal static class PlaneFields
{
    /// <summary>Arranges dwords in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Arrange(Span<uint> dwords, int bits)
    {
        Span<Vector256<uint>> vectors = MemoryMarshal.Cast<uint, Vector256<uint>>(dwords);
        if (bits == 2)
        {
            for (int i = 0; i < vectors.Length; i++)
                vectors[i] = Exchange(Exchange(vectors[i], 4, 2), 3, 1);
        }
        else if (bits == 4)
        {
            for (int i = 0; i < vectors.Length; i++)
                vectors[i] = Exchange(Exchange(vectors[i], 4, 3), 3, 2);
        }
    }

    /// <summary>Exchanges the bits whose numbers have bit <paramref name="low"/> and not <paramref name="high"/> with those that have them the
    /// other way round.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Exchange(Vector256<uint> value, int high, int low)
    {
        int distance = (1 << high) - (1 << low);
        Vector256<uint> differing = (value ^ (value >>> distance)) & Vector256.Create(Lacking(high) & ~Lacking(low));
        return value ^ differing ^ (differing << distance);
    }

    /// <summary>The bits of a dword whose numbers lack a bit, such as 0x0F0F0F0F for bit 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Lacking(int bit) => uint.MaxValue / ((1u << (1 << bit)) + 1);
}
