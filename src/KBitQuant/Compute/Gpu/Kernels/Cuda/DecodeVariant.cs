using System.Reflection;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Which of the kernels for one input row.</summary>
/// <param name="Weight">For which weights and elements.</param>
internal readonly record struct DecodeVariant(WeightVariant Weight) : IWeightVisitor<MethodInfo>
{
    /// <summary>The kernel's method.</summary>
    public MethodInfo Method => Weight.Accept(this);

    MethodInfo IWeightVisitor<MethodInfo>.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>()
    {
        Action<VectorArguments> kernel = VectorKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>.Run;
        return kernel.Method;
    }
}
