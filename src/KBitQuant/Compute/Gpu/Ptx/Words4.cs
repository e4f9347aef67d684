namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>Four 32-bit registers: what one 16-byte access moves, or the A operand of an m16n8k16 product.</summary>
internal struct Words4
{
    public uint X;
    public uint Y;
    public uint Z;
    public uint W;

    public readonly Words2 Low => new() { X = X, Y = Y };

    public readonly Words2 High => new() { X = Z, Y = W };
}
