using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.DataTypes;

/// <summary>Evenly spaced buckets over [-1, 1]; values beyond fall into the outer ones.</summary>
internal readonly struct EvenBuckets : IBuckets
{
    /// <summary>2^23: a float of this size has its integral part in its lowest bits.</summary>
    public const float Magic = 1 << 23;

    /// <summary>The bits of <see cref="Magic"/>.</summary>
    public const int MagicBits = 0x4B00_0000;

    public bool IsEven => true;

    public int IndexOf(float value, BucketKey key)
    {
        float share = Math.Clamp(MathF.FusedMultiplyAdd(value, 0.5f, 0.5f), 0, 1);
        return BitConverter.SingleToInt32Bits(MathF.FusedMultiplyAdd(share, key.Number, Magic)) - MagicBits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<int> IndexOf(Vector256<float> values, BucketKey key)
    {
        Vector256<float> half = Vector256.Create(0.5f);
        Vector256<float> share = Vector256.FusedMultiplyAdd(values, half, half);
        share = Vector256.MaxNative(Vector256.MinNative(share, Vector256<float>.One), Vector256<float>.Zero);
        return Vector256.FusedMultiplyAdd(share, Vector256.Create(key.Number), Vector256.Create(Magic)).AsInt32() - Vector256.Create(MagicBits);
    }

    public int InOrder(int i, BucketKey key) => i;
}
