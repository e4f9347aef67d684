using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>Evenly spaced tables, in order of value: ranks by arithmetic (<see cref="EvenRanks"/>), by the definition where one is in doubt.</summary>
internal readonly struct EvenEncoder : IStepEncoder
{
    private readonly SortedCodebook _table;
    private readonly float _scale;
    private readonly float _shift;
    private readonly float _certain;

    public EvenEncoder(SortedCodebook table, EvenRanks even) =>
        (_table, _scale, _shift, _certain) = (table, even.Scale, even.Shift, even.Certain);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<byte> Encode(Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3)
    {
        Vector256<int> doubts = Vector256<int>.Zero;
        Vector256<byte> codes = StepEncoding.ToBytes(Rank(x0, ref doubts), Rank(x1, ref doubts), Rank(x2, ref doubts), Rank(x3, ref doubts));
        return doubts == Vector256<int>.Zero ? codes : EncodePlainly(_table, x0, x1, x2, x3);
    }

    /// <summary>Ranks of eight values, and -1 in the lanes in doubt. Places are clamped to those of the first and of the last entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<int> Rank(Vector256<float> x, ref Vector256<int> doubts)
    {
        Vector256<float> half = Vector256.Create(0.5f);
        Vector256<float> place = (x * Vector256.Create(_scale)) + Vector256.Create(_shift);
        place = Vector256.MinNative(Vector256.MaxNative(place, half), Vector256.Create(_table.Count - 0.5f));
        Vector256<int> rank = Vector256.ConvertToInt32Native(place);
        Vector256<float> fraction = place - Vector256.ConvertToSingle(rank);
        doubts |= Vector256.GreaterThan(Vector256.Abs(fraction - half), Vector256.Create(_certain)).AsInt32();
        return rank;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<byte> EncodePlainly(SortedCodebook table, Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3)
    {
        Span<float> values = stackalloc float[StepEncoding.Length];
        Span<byte> codes = stackalloc byte[StepEncoding.Length];
        x0.CopyTo(values);
        x1.CopyTo(values[8..]);
        x2.CopyTo(values[16..]);
        x3.CopyTo(values[24..]);
        for (int i = 0; i < values.Length; i++)
            codes[i] = (byte)table.Nearest(values[i]);
        return Vector256.Create<byte>(codes);
    }
}
