using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;

/// <summary>Constants, or offsets, of a lane's rows g and g + 8 of two units in a chunk.</summary>
internal struct RowScales
{
    public Floats2 First;
    public Floats2 Second;
}
