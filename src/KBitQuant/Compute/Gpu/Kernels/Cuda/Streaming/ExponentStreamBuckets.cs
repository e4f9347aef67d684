using ILGPU;
using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary><see cref="ExponentBuckets"/> on the device.</summary>
internal readonly struct ExponentStreamBuckets : IStreamBuckets
{
    private const uint Magnitude = 0x7FFF_FFFF;

    public uint Address(float value, BucketKey key, uint stride, uint start)
    {
        uint bits = Interop.FloatAsInt(value);
        float raised = IntrinsicMath.Min(Interop.IntAsFloat(bits & Magnitude) + key.Number, 1f);
        return ((Interop.FloatAsInt(raised) >> key.Shift) * stride) + ((bits >> 31) * (uint)key.FirstNegative * stride) + start;
    }

    public uint Start(uint table, BucketKey key, uint stride) => table - ((Interop.FloatAsInt(key.Number) >> key.Shift) * stride);
}
