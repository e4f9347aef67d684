using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>
/// Several entries a load (<see cref="EntryTuples"/>), of codes from the canonical stream, which may begin within a byte: eight codes lie within 64 bits. Loads
/// are what counts here, of which a Zen 3 begins two a cycle, so fields are cut out of one register.
/// </summary>
/// <param name="tuples">The tuples.</param>
/// <param name="shift">The bit of a byte where each eight codes begin.</param>
internal readonly unsafe struct TupleEntries256<TBits>(float* tuples, int shift) : IEntries256<TupleEntries256<TBits>>
    where TBits : struct, ICodeBits
{
    private readonly float* _tuples = tuples;
    private readonly int _shift = shift;

    public static nint Stride(TupleEntries256<TBits> table) => TBits.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Of(TupleEntries256<TBits> table, byte* codes)
    {
        ulong fields = Unsafe.ReadUnaligned<ulong>(codes) >> table._shift;
        int half = 4 / EntryTuples.Length(TBits.Count);
        return Vector256.Create(Four(table, fields, 0), Four(table, fields, half));
    }

    /// <summary>The entries of four codes, from a tuple on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Four(TupleEntries256<TBits> table, ulong fields, int index)
    {
        switch (EntryTuples.Length(TBits.Count))
        {
            case 4:
                return Vector128.Load(Tuple(table, fields, index));
            case 2:
                Vector128<double> first = Vector128.CreateScalarUnsafe(*(double*)Tuple(table, fields, index));
                return Sse2.LoadHigh(first, (double*)Tuple(table, fields, index + 1)).AsSingle();
            default:
                return Vector128.Create(*Tuple(table, fields, index), *Tuple(table, fields, index + 1), *Tuple(table, fields, index + 2), *Tuple(table, fields, index + 3));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Tuple(TupleEntries256<TBits> table, ulong fields, int index)
    {
        int length = EntryTuples.Length(TBits.Count);
        int bits = length * TBits.Count;
        // A rotation takes one instruction where a shift takes two.
        ulong tuple = (index == 0 ? fields : BitOperations.RotateRight(fields, index * bits)) & ((1UL << bits) - 1);
        return table._tuples + (tuple * (ulong)length);
    }
}
