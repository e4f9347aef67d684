using System.Reflection;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Which of the kernels for small batches.</summary>
/// <param name="Weight">For which weights and elements.</param>
/// <param name="IsVector">Whether there is one input row.</param>
internal readonly record struct DecodeVariant(WeightVariant Weight, bool IsVector) : IWeightVisitor<MethodInfo>
{
    /// <summary>The kernel's method.</summary>
    public MethodInfo Method => Weight.Accept(this);

    MethodInfo IWeightVisitor<MethodInfo>.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>()
    {
        Delegate kernel = IsVector
            ? (Action<VectorArguments>)VectorKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>.Run
            : (Action<DecodeArguments>)DecodeKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>.Run;
        return kernel.Method;
    }
}
