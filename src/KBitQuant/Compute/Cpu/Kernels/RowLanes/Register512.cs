using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Constants that stay in registers. Those that the compiler knows it reads from memory at each use, and where few inputs share a weight's
/// decoding, loads are what bounds the loop.</summary>
internal static class Register512
{
    /// <summary>The value in each of 16 lanes, by a call into which the compiler does not look.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector512<uint> Of(uint value) => Vector512.Create(value);
}
