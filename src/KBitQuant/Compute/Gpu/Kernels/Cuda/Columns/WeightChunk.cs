using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;

/// <summary>A lane's part of two units of the weight in a chunk: rows g (low) and g + 8 (high) of each.</summary>
internal struct WeightChunk
{
    public RowChunk FirstLow;
    public RowChunk FirstHigh;
    public RowChunk SecondLow;
    public RowChunk SecondHigh;
    public Floats2 FirstConstants;
    public Floats2 SecondConstants;
    public Floats2 FirstOffsets;
    public Floats2 SecondOffsets;
}
