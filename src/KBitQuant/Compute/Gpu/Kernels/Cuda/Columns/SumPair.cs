namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;

/// <summary>Sums of some input rows, and of as many more.</summary>
internal struct SumPair<TSums>
    where TSums : unmanaged
{
    public TSums First;
    public TSums Second;
}
