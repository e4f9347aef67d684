using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.DataTypes;

/// <summary>Buckets by the sign, the exponent and the first bits of the mantissa of a value whose magnitude was raised a little:
/// evenly spaced around zero, and by exponents further out; magnitudes of 1 and beyond share a bucket.</summary>
internal readonly struct ExponentBuckets : IBuckets
{
    public bool IsEven => false;

    public int IndexOf(float value, BucketKey key)
    {
        float raised = MathF.Min(MathF.Abs(value) + key.Number, 1);
        int index = (BitConverter.SingleToInt32Bits(raised) >> key.Shift) - (BitConverter.SingleToInt32Bits(key.Number) >> key.Shift);
        return index + (float.IsNegative(value) ? key.FirstNegative : 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<int> IndexOf(Vector256<float> values, BucketKey key)
    {
        Vector256<float> raised = Vector256.MinNative(Vector256.Abs(values) + Vector256.Create(key.Number), Vector256<float>.One);
        Vector256<int> index = (raised.AsInt32() >> key.Shift) - Vector256.Create(BitConverter.SingleToInt32Bits(key.Number) >> key.Shift);
        return index + ((values.AsInt32() >> 31) & Vector256.Create(key.FirstNegative));
    }

    // The negative ones, from the largest magnitude down, then the others.
    public int InOrder(int i, BucketKey key) => i < key.FirstNegative ? (2 * key.FirstNegative) - 1 - i : i - key.FirstNegative;
}
