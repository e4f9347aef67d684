namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>k as a type, with the widths of its planes: the compiler makes a body for each, with its shifts and branches folded. It takes
/// literals for free; a getter that computes has to ask to be inlined, or the inner loops exceed its budget and call it.</summary>
internal interface ICodeWidth
{
    /// <summary>k.</summary>
    static abstract int Bits { get; }

    /// <summary>Width of the plane of the lowest bits.</summary>
    static abstract int LowBits { get; }

    /// <summary>Width of the second plane, or 0.</summary>
    static abstract int MiddleBits { get; }

    /// <summary>Whether there is a third plane, of one bit.</summary>
    static abstract bool HasHighPlane { get; }
}

internal readonly struct Width2 : ICodeWidth
{
    public static int Bits => 2;
    public static int LowBits => 2;
    public static int MiddleBits => 0;
    public static bool HasHighPlane => false;
}

internal readonly struct Width3 : ICodeWidth
{
    public static int Bits => 3;
    public static int LowBits => 3;
    public static int MiddleBits => 0;
    public static bool HasHighPlane => false;
}

internal readonly struct Width4 : ICodeWidth
{
    public static int Bits => 4;
    public static int LowBits => 4;
    public static int MiddleBits => 0;
    public static bool HasHighPlane => false;
}

internal readonly struct Width5 : ICodeWidth
{
    public static int Bits => 5;
    public static int LowBits => 4;
    public static int MiddleBits => 1;
    public static bool HasHighPlane => false;
}

internal readonly struct Width6 : ICodeWidth
{
    public static int Bits => 6;
    public static int LowBits => 4;
    public static int MiddleBits => 2;
    public static bool HasHighPlane => false;
}

internal readonly struct Width7 : ICodeWidth
{
    public static int Bits => 7;
    public static int LowBits => 4;
    public static int MiddleBits => 2;
    public static bool HasHighPlane => true;
}

internal readonly struct Width8 : ICodeWidth
{
    public static int Bits => 8;
    public static int LowBits => 8;
    public static int MiddleBits => 0;
    public static bool HasHighPlane => false;
}
