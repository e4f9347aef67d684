using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;

/// <summary>A lane's sums of two units and eight input rows.</summary>
internal struct UnitSums
{
    public Floats4 First;
    public Floats4 Second;
}
