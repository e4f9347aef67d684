using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>A table with AVX2, as a type.</summary>
internal unsafe interface IEntries256<TSelf>
    where TSelf : struct, IEntries256<TSelf>
{
    /// <summary>The entries of eight codes, one a byte.</summary>
    static abstract Vector256<float> Of(TSelf table, byte* codes);
}

/// <summary>By arithmetic (<see cref="EvenEntries"/>).</summary>
internal readonly unsafe struct ComputedEntries256(EvenEntries even) : IEntries256<ComputedEntries256>
{
    private readonly Vector256<float> _zero = Vector256.Create(even.Zero);
    private readonly Vector256<float> _reciprocal = Vector256.Create(even.Reciprocal);
    private readonly Vector256<float> _minusDivisor = Vector256.Create(-even.Divisor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Of(ComputedEntries256 table, byte* codes) => EvenEntries.Decode(
        Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(codes)), table._zero, table._reciprocal, table._minusDivisor);
}

/// <summary>Loads one by one, which are faster than a gather.</summary>
internal readonly unsafe struct LoadedEntries256(float* table) : IEntries256<LoadedEntries256>
{
    private readonly float* _table = table;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Of(LoadedEntries256 table, byte* codes)
    {
        float* entries = table._table;
        return Vector256.Create(
            Vector128.Create(entries[codes[0]], entries[codes[1]], entries[codes[2]], entries[codes[3]]),
            Vector128.Create(entries[codes[4]], entries[codes[5]], entries[codes[6]], entries[codes[7]]));
    }
}
