using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>Evenly spaced buckets over [-1, 1]; values beyond fall into the outer ones.</summary>
internal readonly struct EvenBuckets : IBuckets
{
    /// <summary>2^23: a float of this size has its integral part in its lowest bits.</summary>
    private const float Magic = 1 << 23;

    private const uint MagicBits = 0x4B00_0000;

    public bool IsEven => true;

    public int IndexOf(float value, BucketKey key)
    {
        float share = Math.Clamp(MathF.FusedMultiplyAdd(value, 0.5f, 0.5f), 0, 1);
        return (int)(BitConverter.SingleToUInt32Bits(MathF.FusedMultiplyAdd(share, key.Number, Magic)) - MagicBits);
    }

    public int InOrder(int i, BucketKey key) => i;

    public uint Address(float value, BucketKey key, uint stride, uint start)
    {
        float share = PtxFloats.MultiplyAddSaturated(value, 0.5f, 0.5f);
        return (Interop.FloatAsInt(PtxFloats.MultiplyAdd(share, key.Number, Magic)) * stride) + start;
    }

    public uint Start(uint table, BucketKey key, uint stride) => table - (MagicBits * stride);
}
