namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>Two 32-bit registers.</summary>
internal struct Words2
{
    public uint X;
    public uint Y;
}
