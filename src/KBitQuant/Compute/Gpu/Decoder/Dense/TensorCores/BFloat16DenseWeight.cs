using KBitQuant.Compute.Gpu.Decoder.Panels;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Dense.TensorCores;

/// <summary>BFloat16: a half, of 11 bits, is the sum of two of them, of 8 bits each.</summary>
internal readonly struct BFloat16DenseWeight : IDenseTensorWeight
{
    public TensorSums AddProduct(TensorSums sums, Words4 inputs, TensorColumns weights)
    {
        var nearest = new Words4 { X = Nearest(inputs.X), Y = Nearest(inputs.Y), Z = Nearest(inputs.Z), W = Nearest(inputs.W) };
        var rest = new Words4
        {
            X = Rest(inputs.X, nearest.X),
            Y = Rest(inputs.Y, nearest.Y),
            Z = Rest(inputs.Z, nearest.Z),
            W = Rest(inputs.W, nearest.W),
        };
        return sums.PlusProduct<BFloat16TensorElement>(nearest, weights).PlusProduct<BFloat16TensorElement>(rest, weights);
    }

    public Floats4 AddProduct(Floats4 sums, Words4 weights, Words2 inputs)
    {
        var nearest = new Words2 { X = Nearest(inputs.X), Y = Nearest(inputs.Y) };
        var rest = new Words2 { X = Rest(inputs.X, nearest.X), Y = Rest(inputs.Y, nearest.Y) };
        return PtxTensorCore.MultiplyBFloat16(weights, rest, PtxTensorCore.MultiplyBFloat16(weights, nearest, sums));
    }

    private static uint Nearest(uint halves)
    {
        Floats2 values = PtxBits.WidenHalves(halves);
        return PtxBits.RoundToBFloat16s(values.X, values.Y);
    }

    private static uint Rest(uint halves, uint nearest)
    {
        Floats2 values = PtxBits.WidenHalves(halves);
        return PtxBits.RoundToBFloat16s(values.X - ILGPU.Interop.IntAsFloat(nearest << 16), values.Y - ILGPU.Interop.IntAsFloat(nearest & 0xFFFF_0000));
    }
}
