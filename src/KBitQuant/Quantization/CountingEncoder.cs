using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>Tables of at most 16 entries on any processor: the rank is the number of thresholds below the value.</summary>
internal readonly struct CountingEncoder(SortedCodebook table) : IStepEncoder
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<byte> Encode(Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3)
    {
        Vector256<byte> ranks = StepEncoding.ToBytes(Rank(x0), Rank(x1), Rank(x2), Rank(x3));
        var codes = Vector128.Create<byte>(table.RankToCodeBytes);
        return Vector256.Create(Vector128.Shuffle(codes, ranks.GetLower()), Vector128.Shuffle(codes, ranks.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<int> Rank(Vector256<float> x)
    {
        Vector256<int> rank = Vector256<int>.Zero;
        foreach (float threshold in table.Thresholds.AsSpan(0, table.Count - 1))
            rank -= Vector256.GreaterThan(x, Vector256.Create(threshold)).AsInt32();
        return rank;
    }
}
