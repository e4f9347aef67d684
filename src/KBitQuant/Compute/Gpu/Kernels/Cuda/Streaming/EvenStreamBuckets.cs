using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;
using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary><see cref="EvenBuckets"/> on the device.</summary>
internal readonly struct EvenStreamBuckets : IStreamBuckets
{
    public uint Address(float value, BucketKey key, uint stride, uint start)
    {
        float share = PtxFloats.MultiplyAddSaturated(value, 0.5f, 0.5f);
        return (Interop.FloatAsInt(PtxFloats.MultiplyAdd(share, key.Number, EvenBuckets.Magic)) * stride) + start;
    }

    public uint Start(uint table, BucketKey key, uint stride) => table - (EvenBuckets.MagicBits * stride);
}
