using System.Reflection;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>Which of the kernels for large batches.</summary>
/// <param name="Weight">For which weights and elements.</param>
/// <param name="Columns">Input rows of a group: 128 or 256.</param>
internal readonly record struct PrefillVariant(WeightVariant Weight, int Columns) : IWeightVisitor<MethodInfo>
{
    /// <summary>The kernel's method.</summary>
    public MethodInfo Method => Weight.Accept(this);

    MethodInfo IWeightVisitor<MethodInfo>.Visit<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>()
    {
        Action<PrefillArguments> kernel = Columns == default(Columns128).Count
            ? PrefillKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, Columns128>.Run
            : PrefillKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, Columns256>.Run;
        return kernel.Method;
    }
}
