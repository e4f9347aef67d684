namespace KBitQuant.Benchmarks.Micro;

/// <summary>Sizes of micro-benchmarks.</summary>
internal static class MicroData
{
    /// <summary>Elements: codes and floats of them fit the L1 cache.</summary>
    public const int Length = 4096;
}
