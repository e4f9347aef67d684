namespace KBitQuant.Quantization;

/// <summary>The bits of a code, as a type.</summary>
internal interface ICodeBits
{
    static abstract int Count { get; }
}

internal readonly struct OneBit : ICodeBits
{
    public static int Count => 1;
}

internal readonly struct TwoBits : ICodeBits
{
    public static int Count => 2;
}

internal readonly struct ThreeBits : ICodeBits
{
    public static int Count => 3;
}

internal readonly struct FourBits : ICodeBits
{
    public static int Count => 4;
}

internal readonly struct FiveBits : ICodeBits
{
    public static int Count => 5;
}

internal readonly struct SixBits : ICodeBits
{
    public static int Count => 6;
}

internal readonly struct SevenBits : ICodeBits
{
    public static int Count => 7;
}
