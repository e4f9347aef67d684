namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Whether levels are looked up, as a type: the compiler makes a body for each case.</summary>
internal interface ILevelLookup
{
    /// <summary>Whether levels are looked up; otherwise the code is the level.</summary>
    static abstract bool IsUsed { get; }
}

internal readonly struct CodeIsLevel : ILevelLookup
{
    public static bool IsUsed => false;
}

internal readonly struct LookedUpLevel : ILevelLookup
{
    public static bool IsUsed => true;
}
