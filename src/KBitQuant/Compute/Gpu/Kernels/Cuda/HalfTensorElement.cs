using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Halves. Table entries, at most 1, are scaled up so that small ones keep all of their bits.</summary>
internal readonly struct HalfTensorElement : ITensorElement
{
    /// <summary>The largest power of two.</summary>
    public const float TableScale = 1 << 15;

    /// <summary>Below this, an entry would be subnormal even so.</summary>
    public const float SmallestEntry = 1f / (1 << 29);

    public uint ScaleTwice => 0x7800_7800;

    public float InverseScale => 1 / TableScale;

    public float CountingStart => 1024;

    public Floats4 Multiply(Words4 a, Words2 b, Floats4 c) => PtxTensorCore.MultiplyHalf(a, b, c);

    public void MultiplyBy32(Words4 a, ulong b) => PtxWarpgroup.MultiplyHalf32(a, b);

    public void MultiplyBy64(Words4 a, ulong b) => PtxWarpgroup.MultiplyHalf64(a, b);

    public void MultiplyBy128(Words4 a, ulong b) => PtxWarpgroup.MultiplyHalf128(a, b);

    public void MultiplyBy256(Words4 a, ulong b) => PtxWarpgroup.MultiplyHalf256(a, b);

    public uint Twice(float value) => PtxBits.HalfTwice(value);

    public uint MultiplyAdd(uint a, uint b, uint c) => PtxBits.MultiplyAddHalves(a, b, c);

    public uint Round(float low, float high) => PtxBits.RoundToHalves(low, high);

    public uint Round(float value) => PtxBits.RoundToHalf(value);

    public Floats2 Widen(uint pair) => PtxBits.WidenHalves(pair);
}
