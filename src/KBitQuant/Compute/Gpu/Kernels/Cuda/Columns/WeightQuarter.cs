using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;

/// <summary>A lane's values of two units of the weight in 32 columns: rows g (low) and g + 8 (high) of each.</summary>
internal struct WeightQuarter
{
    public Words4 FirstLow;
    public Words4 FirstHigh;
    public Words4 SecondLow;
    public Words4 SecondHigh;
}
