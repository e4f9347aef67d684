using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>A table with AVX2, as a type.</summary>
internal unsafe interface IEntries256<TSelf>
    where TSelf : struct, IEntries256<TSelf>
{
    /// <summary>The entries of 16 codes, one a byte: for floats the first eight and the last eight; for 16-bit elements those at even places
    /// and those at odd ones, which <see cref="Rounding256"/> joins.</summary>
    static abstract void Of<T>(TSelf table, byte* codes, out Vector256<float> first, out Vector256<float> second);
}

/// <summary>By arithmetic (<see cref="EvenEntries"/>).</summary>
internal readonly unsafe struct ComputedEntries256(EvenEntries even) : IEntries256<ComputedEntries256>
{
    private readonly Vector256<float> _zero = Vector256.Create(even.Zero);
    private readonly Vector256<float> _reciprocal = Vector256.Create(even.Reciprocal);
    private readonly Vector256<float> _rest = Vector256.Create(even.Rest);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Of<T>(ComputedEntries256 table, byte* codes, out Vector256<float> first, out Vector256<float> second)
    {
        if (typeof(T) == typeof(float))
        {
            first = Decode(Avx2.ConvertToVector256Int32(codes));
            second = Decode(Avx2.ConvertToVector256Int32(codes + Vector256<float>.Count));
        }
        else
        {
            Vector256<int> pairs = Avx2.ConvertToVector256Int32((ushort*)codes);
            first = Decode(pairs & Vector256.Create(0xFF));
            second = Decode(pairs >>> 8);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector256<float> Decode(Vector256<int> dwords) =>
            EvenEntries.Decode(Avx.ConvertToVector256Single(dwords), table._zero, table._reciprocal, table._rest);
    }
}

/// <summary>By arithmetic (<see cref="FloatEntries"/>), of codes that are numbers'.</summary>
internal readonly unsafe struct FloatEntries256(FloatEntries small) : IEntries256<FloatEntries256>
{
    private readonly Vector256<int> _mask = Vector256.Create(small.Mask);
    private readonly Vector256<float> _factor = Vector256.Create(small.Factor);
    private readonly Vector256<float> _rest = Vector256.Create(small.Rest);
    private readonly Vector128<int> _placeShift = Vector128.CreateScalar(small.PlaceShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Of<T>(FloatEntries256 table, byte* codes, out Vector256<float> first, out Vector256<float> second)
    {
        if (typeof(T) == typeof(float))
        {
            first = Decode(Avx2.ConvertToVector256Int32(codes), FloatEntries.SignShift);
            second = Decode(Avx2.ConvertToVector256Int32(codes + Vector256<float>.Count), FloatEntries.SignShift);
        }
        else
        {
            Vector256<int> pairs = Avx2.ConvertToVector256Int32((ushort*)codes);
            first = Decode(pairs, FloatEntries.SignShift);
            second = Decode(pairs, FloatEntries.SignShift - 8);
        }

        // What stands above a code goes out of the register, what stands below is masked.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector256<float> Decode(Vector256<int> dwords, int signShift) => FloatEntries.Decode(
            Avx2.ShiftRightArithmetic(dwords << signShift, table._placeShift) & table._mask, table._factor, table._rest);
    }
}

/// <summary>Loads one by one, which are faster than a gather.</summary>
internal readonly unsafe struct LoadedEntries256(float* table) : IEntries256<LoadedEntries256>
{
    private readonly float* _table = table;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Of<T>(LoadedEntries256 table, byte* codes, out Vector256<float> first, out Vector256<float> second)
    {
        float* entries = table._table;
        bool pairs = typeof(T) != typeof(float);
        first = Load(entries, codes, pairs ? 2 : 1);
        second = Load(entries, codes + (pairs ? 1 : Vector256<float>.Count), pairs ? 2 : 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(float* entries, byte* codes, int stride) => Vector256.Create(
        Vector128.Create(entries[codes[0]], entries[codes[stride]], entries[codes[2 * stride]], entries[codes[3 * stride]]),
        Vector128.Create(entries[codes[4 * stride]], entries[codes[5 * stride]], entries[codes[6 * stride]], entries[codes[7 * stride]]));
}
