namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>A lane's constants and offsets of a slice of a unit, of its rows g and g + 8.</summary>
/// <typeparam name="TRaw">Those of a tile.</typeparam>
internal struct StationaryScales<TRaw>
    where TRaw : unmanaged
{
    public TRaw First;
    public TRaw Second;
    public TRaw FirstOffsets;
    public TRaw SecondOffsets;
}
