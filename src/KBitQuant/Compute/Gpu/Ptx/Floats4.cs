namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>Four floats: a lane's part of the 16 x 8 accumulator of an m16n8k16 product. With g = lane / 4 and t = lane % 4, X and Y
/// are row g, columns 2t and 2t + 1; Z and W are row g + 8, the same columns.</summary>
internal struct Floats4
{
    public float X;
    public float Y;
    public float Z;
    public float W;
}
