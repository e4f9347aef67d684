using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>BFloat16, with a float's range: nothing to scale.</summary>
internal readonly struct BFloat16TensorElement : ITensorElement
{
    public uint ScaleTwice => 0x3F80_3F80;

    public float InverseScale => 1;

    public float CountingStart => 128;

    public Floats4 Multiply(Words4 a, Words2 b, Floats4 c) => PtxTensorCore.MultiplyBFloat16(a, b, c);

    public void MultiplyBy32(Words4 a, ulong b) => PtxWarpgroup.MultiplyBFloat16By32(a, b);

    public void MultiplyBy64(Words4 a, ulong b) => PtxWarpgroup.MultiplyBFloat16By64(a, b);

    public void MultiplyBy128(Words4 a, ulong b) => PtxWarpgroup.MultiplyBFloat16By128(a, b);

    public void MultiplyBy256(Words4 a, ulong b) => PtxWarpgroup.MultiplyBFloat16By256(a, b);

    public uint Twice(float value) => PtxBits.BFloat16Twice(value);

    public uint MultiplyAdd(uint a, uint b, uint c) => PtxBits.MultiplyAddBFloat16s(a, b, c);

    public uint Round(float low, float high) => PtxBits.RoundToBFloat16s(low, high);

    public uint Round(float value) => PtxBits.RoundToBFloat16(value);

    public Floats2 Widen(uint pair) => PtxBits.WidenBFloat16s(pair);
}
