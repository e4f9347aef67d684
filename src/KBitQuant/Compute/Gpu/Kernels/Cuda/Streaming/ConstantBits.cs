using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Portable;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>Constants or offsets in global memory, in a format known at run time (<see cref="ConstantView"/>).</summary>
internal struct ConstantBits
{
    /// <summary>The address of the first one.</summary>
    public long Address;

    /// <summary>The format.</summary>
    public int Kind;

    /// <summary>The largest finite value of the format.</summary>
    public float Largest;

    /// <summary>The bits of a finite value, rounded to the format.</summary>
    public readonly uint Round(float value)
    {
        float clamped = IntrinsicMath.Min(value, Largest);
        return Kind == ConstantView.Halves ? PtxBits.RoundToHalf(clamped)
            : Kind == ConstantView.BFloat16s ? PtxBits.RoundToBFloat16(clamped)
            : Interop.FloatAsInt(clamped);
    }

    /// <summary>The value of bits.</summary>
    public readonly float Widen(uint bits) =>
        Kind == ConstantView.Halves ? PtxBits.WidenHalves(bits).X
        : Kind == ConstantView.BFloat16s ? Interop.IntAsFloat(bits << 16)
        : Interop.IntAsFloat(bits);

    /// <summary>Stores bits.</summary>
    public readonly void Store(long index, uint bits)
    {
        if (Kind == ConstantView.Singles)
            PtxMemory.Store(Address + (index * 4), bits);
        else
            PtxMemory.StoreShort(Address + (index * 2), bits);
    }

    /// <summary>Loads the bits of a constant that no running kernel writes.</summary>
    public readonly uint Load(long index) =>
        Kind == ConstantView.Singles ? PtxMemory.LoadConstant(Address + (index * 4)) : PtxMemory.LoadConstantShort(Address + (index * 2));
}
