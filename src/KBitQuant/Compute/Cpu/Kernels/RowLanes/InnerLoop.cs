using System.Runtime.CompilerServices;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>How the loops of row-lane kernels are compiled.</summary>
internal static class InnerLoop
{
    /// <summary>By themselves, at once. Left to the runtime, they end up inlined in their callers, where the budget for inlining is gone before
    /// their own steps are inlined: several times slower.</summary>
    public const MethodImplOptions Options = MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization;
}
