namespace KBitQuant.Numerics;

/// <summary>What a processor moves between its caches and memory at a time.</summary>
internal static class CacheLine
{
    /// <summary>The bytes of one on x86; some Arm processors have longer ones.</summary>
    public const int Bytes = 64;
}
