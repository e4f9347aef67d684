namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>k as a type: the compiler makes a body for each, with its shifts and branches folded.</summary>
internal interface ICodeWidth
{
    static abstract int Bits { get; }
}

internal readonly struct Width2 : ICodeWidth
{
    public static int Bits => 2;
}

internal readonly struct Width3 : ICodeWidth
{
    public static int Bits => 3;
}

internal readonly struct Width4 : ICodeWidth
{
    public static int Bits => 4;
}

internal readonly struct Width5 : ICodeWidth
{
    public static int Bits => 5;
}

internal readonly struct Width6 : ICodeWidth
{
    public static int Bits => 6;
}

internal readonly struct Width7 : ICodeWidth
{
    public static int Bits => 7;
}

internal readonly struct Width8 : ICodeWidth
{
    public static int Bits => 8;
}
