using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.DataTypes;

/// <summary>Entries of a table by arithmetic, bit for bit: (code - zero) / divisor, rounded to float. The reciprocal of the divisor has two
/// parts, since a product with one alone only comes close.</summary>
internal readonly struct EvenEntries
{
    private EvenEntries(float zero, float divisor)
    {
        (Zero, Divisor, Reciprocal) = (zero, divisor, 1 / divisor);
        Rest = (float)((1.0 / divisor) - Reciprocal);
    }

    /// <summary>The code of the entry 0, whether or not there is one.</summary>
    public float Zero { get; }

    /// <summary>Codes from 0 to 1.</summary>
    public float Divisor { get; }

    /// <summary>Its reciprocal.</summary>
    public float Reciprocal { get; }

    /// <summary>What the reciprocal lacks.</summary>
    public float Rest { get; }

    /// <summary>The arithmetic for a table, or null where it gives other bits.</summary>
    public static EvenEntries? Of(ReadOnlySpan<float> codebook)
    {
        double divisor = Math.Round((codebook.Length - 1) / ((double)codebook[^1] - codebook[0]));
        var entries = new EvenEntries((float)Math.Round(-codebook[0] * divisor), (float)divisor);
        for (int code = 0; code < codebook.Length; code++)
        {
            float entry = entries.Decode(Vector256.Create((float)code))[0];
            if (BitConverter.SingleToInt32Bits(entry) != BitConverter.SingleToInt32Bits(codebook[code]))
                return null;
        }

        return entries;
    }

    /// <summary>The entries of eight codes.</summary>
    public Vector256<float> Decode(Vector256<float> codes) => Decode(codes, Vector256.Create(Zero), Vector256.Create(Reciprocal), Vector256.Create(Rest));

    /// <summary>The same with the numbers in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Decode(Vector256<float> codes, Vector256<float> zero, Vector256<float> reciprocal, Vector256<float> rest)
    {
        Vector256<float> dividend = codes - zero;
        return Vector256.FusedMultiplyAdd(dividend, reciprocal, dividend * rest);
    }

    /// <summary>The same for 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Decode(Vector512<float> codes, Vector512<float> zero, Vector512<float> reciprocal, Vector512<float> rest)
    {
        Vector512<float> dividend = codes - zero;
        return Vector512.FusedMultiplyAdd(dividend, reciprocal, dividend * rest);
    }
}
