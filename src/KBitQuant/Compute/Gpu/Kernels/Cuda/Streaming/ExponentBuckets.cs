using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>Buckets by the sign, the exponent and the first bits of the mantissa of a value whose magnitude was raised a little:
/// evenly spaced around zero, and by exponents further out; magnitudes of 1 and beyond share a bucket.</summary>
internal readonly struct ExponentBuckets : IBuckets
{
    private const uint Magnitude = 0x7FFF_FFFF;

    public bool IsEven => false;

    public int IndexOf(float value, BucketKey key)
    {
        float raised = MathF.Min(MathF.Abs(value) + key.Number, 1);
        int index = (BitConverter.SingleToInt32Bits(raised) >> key.Shift) - (BitConverter.SingleToInt32Bits(key.Number) >> key.Shift);
        return index + (float.IsNegative(value) ? key.FirstNegative : 0);
    }

    // The negative ones, from the largest magnitude down, then the others.
    public int InOrder(int i, BucketKey key) => i < key.FirstNegative ? (2 * key.FirstNegative) - 1 - i : i - key.FirstNegative;

    public uint Address(float value, BucketKey key, uint stride, uint start)
    {
        uint bits = Interop.FloatAsInt(value);
        float raised = IntrinsicMath.Min(Interop.IntAsFloat(bits & Magnitude) + key.Number, 1f);
        return ((Interop.FloatAsInt(raised) >> key.Shift) * stride) + ((bits >> 31) * (uint)key.FirstNegative * stride) + start;
    }

    public uint Start(uint table, BucketKey key, uint stride) => table - ((Interop.FloatAsInt(key.Number) >> key.Shift) * stride);
}
