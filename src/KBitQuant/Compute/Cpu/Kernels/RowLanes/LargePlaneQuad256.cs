using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Tables of 32 and 64 entries as <see cref="PlaneQuad256"/>, of which a code takes the sum of the first ones: as many as its higher bits say.</summary>
internal readonly unsafe struct LargePlaneQuad256<TWidth> : IQuadLookup256<LargePlaneQuad256<TWidth>>
    where TWidth : struct, ICodeWidth
{
    private const int PlaneLength = BytePlaneLookup.PlaneLength;
    private const int Permuted = 16;

    private readonly byte* _steps;

    private LargePlaneQuad256(byte* steps) => _steps = steps;

    public static bool KeepsOrder => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LargePlaneQuad256<TWidth> Of(in RowLaneBlock block) => new(block.TablePlanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants) => constants;

    /// <summary>Planes of which each 16 bytes are what is added to the ones before: entries are sums, modulo 256, of bytes looked up.</summary>
    /// <param name="planes">The planes of a table (<see cref="BytePlaneLookup"/>).</param>
    public static byte[] Steps(ReadOnlySpan<byte> planes)
    {
        byte[] steps = planes.ToArray();
        for (int i = 0; i < steps.Length; i++)
        {
            if (i % PlaneLength >= Permuted)
                steps[i] -= planes[i - Permuted];
        }

        return steps;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Levels(byte* codes, bool byColumn, out Vector256<float> levels0, out Vector256<float> levels1, out Vector256<float> levels2, out Vector256<float> levels3)
    {
        // Where a code is too small for a step, the difference is negative, and 0 is looked up.
        Vector256<byte> codes0 = PlaneQuad256.Codes(codes, byColumn), codes1 = codes0 - Vector256.Create((byte)Permuted);
        Vector256<byte> codes2 = codes1 - Vector256.Create((byte)Permuted), codes3 = codes2 - Vector256.Create((byte)Permuted);
        Vector256<byte> plane0 = Lookup(_steps, codes0, codes1, codes2, codes3);
        Vector256<byte> plane1 = Lookup(_steps + PlaneLength, codes0, codes1, codes2, codes3);
        Vector256<byte> plane2 = Lookup(_steps + (2 * PlaneLength), codes0, codes1, codes2, codes3);
        Vector256<byte> plane3 = Lookup(_steps + (3 * PlaneLength), codes0, codes1, codes2, codes3);
        PlaneQuad256.Interleave(plane0, plane1, plane2, plane3, out levels0, out levels1, out levels2, out levels3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Lookup(byte* plane, Vector256<byte> codes0, Vector256<byte> codes1, Vector256<byte> codes2, Vector256<byte> codes3)
    {
        Vector256<byte> sum = Lookup16(plane, codes0) + Lookup16(plane + Permuted, codes1);
        return TWidth.Bits == 5 ? sum : sum + Lookup16(plane + (2 * Permuted), codes2) + Lookup16(plane + (3 * Permuted), codes3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Lookup16(byte* plane, Vector256<byte> codes) => Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(plane), codes);
}
