using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Evenly spaced tables by arithmetic: levels are whole numbers, and exact.</summary>
/// <remarks>Bytes become words and words dwords as much by multiplications with 1 as by shifts, which other ports of a processor do.</remarks>
internal readonly unsafe struct UniformQuad256<TWidth> : IQuadLookup256<UniformQuad256<TWidth>>
    where TWidth : struct, ICodeWidth
{
    private readonly Vector256<short> _zero;

    private UniformQuad256(Vector256<short> zero) => _zero = zero;

    /// <summary>Levels of 8 bits need not fit a signed byte.</summary>
    private static bool TakesWords
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWidth.Bits == 8;
    }

    public static bool KeepsOrder => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UniformQuad256<TWidth> Of(in RowLaneBlock block) =>
        new(TakesWords ? Vector256.Create((short)block.Uniform.Zero) : Vector256.Create((byte)block.Uniform.Zero).AsInt16());

    /// <summary>Two roundings more than looking up has: the step's, and that of its product with the constant; but the level's product with both
    /// is one, where entries have been rounded before. A fused multiply-add with the input has one fewer than the product and the sum that
    /// bounds count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants) => constants * Vector256.Create(block.Uniform.Step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Levels(byte* codes, bool byColumn, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3)
    {
        Vector256<byte> bytes = Vector256.Load(codes);
        Vector256<short> even, odd;
        if (TakesWords)
        {
            even = (bytes.AsInt16() & Vector256.Create((short)0xFF)) - _zero;
            odd = (bytes.AsUInt16() >>> 8).AsInt16() - _zero;
        }
        else
        {
            Vector256<sbyte> levels = bytes.AsSByte() - _zero.AsSByte();
            even = Avx2.MultiplyAddAdjacent(Vector256.Create((ushort)1).AsByte(), levels);
            odd = levels.AsInt16() >> 8;
        }

        column0 = Vector256.ConvertToSingle(LowWords(even));
        column1 = Vector256.ConvertToSingle(LowWords(odd));
        column2 = Vector256.ConvertToSingle(even.AsInt32() >> 16);
        column3 = Vector256.ConvertToSingle(odd.AsInt32() >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> LowWords(Vector256<short> words) => Avx2.MultiplyAddAdjacent(words, Vector256.Create(1).AsInt16());
}
