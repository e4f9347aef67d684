namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>What a lane needs of a slice of a unit, in registers.</summary>
/// <typeparam name="TCodes">The codes.</typeparam>
/// <typeparam name="TRaw">Four constants.</typeparam>
internal struct Slice<TCodes, TRaw>
    where TCodes : unmanaged
    where TRaw : unmanaged
{
    public TCodes Codes;
    public TRaw FirstConstants;
    public TRaw SecondConstants;
}
