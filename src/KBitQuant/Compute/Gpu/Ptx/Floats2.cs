namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>Two floats.</summary>
internal struct Floats2
{
    public float X;
    public float Y;
}
