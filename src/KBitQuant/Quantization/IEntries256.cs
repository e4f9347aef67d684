using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>A table with AVX2, as a type.</summary>
internal unsafe interface IEntries256<TSelf>
    where TSelf : struct, IEntries256<TSelf>
{
    /// <summary>Bytes of eight codes.</summary>
    static abstract nint Stride(TSelf table);

    /// <summary>The entries of eight codes.</summary>
    static abstract Vector256<float> Of(TSelf table, byte* codes);
}

/// <summary>A table whose codes come one a byte, for 16-bit elements.</summary>
internal unsafe interface IPairEntries256<TSelf>
    where TSelf : struct, IPairEntries256<TSelf>
{
    /// <summary>The entries of 16 codes at even and at odd places, which <see cref="Rounding256"/> joins.</summary>
    static abstract void OfPairs(TSelf table, byte* codes, out Vector256<float> even, out Vector256<float> odd);
}

/// <summary>By arithmetic (<see cref="EvenEntries"/>).</summary>
internal readonly unsafe struct ComputedEntries256(EvenEntries even) : IEntries256<ComputedEntries256>, IPairEntries256<ComputedEntries256>
{
    private readonly Vector256<float> _zero = Vector256.Create(even.Zero);
    private readonly Vector256<float> _reciprocal = Vector256.Create(even.Reciprocal);
    private readonly Vector256<float> _rest = Vector256.Create(even.Rest);

    public static nint Stride(ComputedEntries256 table) => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Of(ComputedEntries256 table, byte* codes) => Decode(table, Avx2.ConvertToVector256Int32(codes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OfPairs(ComputedEntries256 table, byte* codes, out Vector256<float> even, out Vector256<float> odd)
    {
        Vector256<int> pairs = Avx2.ConvertToVector256Int32((ushort*)codes);
        even = Decode(table, pairs & Vector256.Create(0xFF));
        odd = Decode(table, pairs >>> 8);
    }

    /// <summary>The entries of codes, a dword each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Decode(ComputedEntries256 table, Vector256<int> dwords) =>
        EvenEntries.Decode(Avx.ConvertToVector256Single(dwords), table._zero, table._reciprocal, table._rest);
}

/// <summary>The same for shorter codes from the canonical stream, which may begin within a byte: eight lie within 64 bits.</summary>
/// <param name="even">The arithmetic.</param>
/// <param name="bits">k.</param>
/// <param name="shift">The bit of a byte where each eight codes begin.</param>
internal readonly unsafe struct ComputedFields256(EvenEntries even, int bits, int shift) : IEntries256<ComputedFields256>
{
    private readonly ComputedEntries256 _table = new(even);
    private readonly Vector256<byte> _bytes = BytesFrom((Bits(bits, shift) >>> 3).AsUInt32());
    private readonly Vector256<uint> _shifts = (Bits(bits, shift) & Vector256.Create(7)).AsUInt32();
    private readonly Vector256<int> _mask = Vector256.Create((1 << bits) - 1);
    private readonly nint _bits = bits;

    public static nint Stride(ComputedFields256 table) => table._bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Of(ComputedFields256 table, byte* codes)
    {
        Vector256<byte> stream = Vector256.Create(Unsafe.ReadUnaligned<ulong>(codes)).AsByte();
        Vector256<int> dwords = Avx2.ShiftRightLogicalVariable(Avx2.Shuffle(stream, table._bytes).AsInt32(), table._shifts);
        return ComputedEntries256.Decode(table._table, dwords & table._mask);
    }

    /// <summary>The bit where each of eight codes begins.</summary>
    private static Vector256<int> Bits(int bits, int shift) => (Vector256<int>.Indices * bits) + Vector256.Create(shift);

    /// <summary>Four bytes of a dword from the first on.</summary>
    private static Vector256<byte> BytesFrom(Vector256<uint> first) => ((first * 0x0101_0101) + Vector256.Create(0x0302_0100u)).AsByte();
}

/// <summary>By arithmetic (<see cref="FloatEntries"/>), of codes that are numbers'.</summary>
internal readonly unsafe struct FloatEntries256(FloatEntries small) : IEntries256<FloatEntries256>, IPairEntries256<FloatEntries256>
{
    private readonly Vector256<int> _mask = Vector256.Create(small.Mask);
    private readonly Vector256<float> _factor = Vector256.Create(small.Factor);
    private readonly Vector256<float> _rest = Vector256.Create(small.Rest);
    private readonly Vector128<int> _placeShift = Vector128.CreateScalar(small.PlaceShift);

    public static nint Stride(FloatEntries256 table) => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Of(FloatEntries256 table, byte* codes) => Decode(table, Avx2.ConvertToVector256Int32(codes), FloatEntries.SignShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OfPairs(FloatEntries256 table, byte* codes, out Vector256<float> even, out Vector256<float> odd)
    {
        Vector256<int> pairs = Avx2.ConvertToVector256Int32((ushort*)codes);
        even = Decode(table, pairs, FloatEntries.SignShift);
        odd = Decode(table, pairs, FloatEntries.SignShift - 8);
    }

    /// <summary>What stands above a code goes out of the register, what stands below is masked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Decode(FloatEntries256 table, Vector256<int> dwords, int signShift) => FloatEntries.Decode(
        Avx2.ShiftRightArithmetic(dwords << signShift, table._placeShift) & table._mask, table._factor, table._rest);
}

/// <summary>Loads one by one, which are faster than a gather. Loads are what counts, so eight codes are loaded at once.</summary>
internal readonly unsafe struct LoadedEntries256(float* table) : IEntries256<LoadedEntries256>, IPairEntries256<LoadedEntries256>
{
    private readonly float* _table = table;

    public static nint Stride(LoadedEntries256 table) => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Of(LoadedEntries256 table, byte* codes)
    {
        ulong eight = Unsafe.ReadUnaligned<ulong>(codes);
        return Vector256.Create(Load(table._table, eight, 0, 1), Load(table._table, eight, 4, 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OfPairs(LoadedEntries256 table, byte* codes, out Vector256<float> even, out Vector256<float> odd)
    {
        ulong first = Unsafe.ReadUnaligned<ulong>(codes), second = Unsafe.ReadUnaligned<ulong>(codes + sizeof(ulong));
        even = Vector256.Create(Load(table._table, first, 0, 2), Load(table._table, second, 0, 2));
        odd = Vector256.Create(Load(table._table, first, 1, 2), Load(table._table, second, 1, 2));
    }

    /// <summary>The entries of four of eight codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Load(float* entries, ulong codes, int first, int step)
    {
        return Vector128.Create(entries[Code(first)], entries[Code(first + step)], entries[Code(first + (2 * step))], entries[Code(first + (3 * step))]);

        // A rotation takes one instruction where a shift takes two.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        byte Code(int index) => (byte)(index == 0 ? codes : BitOperations.RotateRight(codes, 8 * index));
    }
}
