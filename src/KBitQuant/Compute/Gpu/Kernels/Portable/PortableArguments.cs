namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>The parameter of the portable kernels.</summary>
internal struct PortableArguments<TStorage, TWeight>
    where TStorage : unmanaged
    where TWeight : struct, IWeightView
{
    public TWeight Weight;

    public MatMulOperands<TStorage> Operands;
}
