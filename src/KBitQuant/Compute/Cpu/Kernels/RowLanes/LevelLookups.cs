using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Whether levels are looked up, as a type: the compiler makes a body for each case.</summary>
internal unsafe interface ILevelLookup
{
    /// <summary>Whether levels are looked up; otherwise the code is the level.</summary>
    static abstract bool IsUsed { get; }

    /// <summary>The 16 levels in each 128 bits.</summary>
    static abstract Vector512<byte> Load(byte* levels);
}

internal readonly unsafe struct CodeIsLevel : ILevelLookup
{
    public static bool IsUsed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Load(byte* levels) => default;
}

internal readonly unsafe struct LookedUpLevel : ILevelLookup
{
    public static bool IsUsed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Load(byte* levels)
    {
        Vector128<byte> lane = Vector128.Load(levels);
        Vector256<byte> lanes = Vector256.Create(lane, lane);
        return Vector512.Create(lanes, lanes);
    }
}
