using System.Runtime.CompilerServices;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>How long products of bytes can be summed in words of 16 bits.</summary>
internal static class WordSums<TWidth, TLookup>
    where TWidth : struct, ICodeWidth
    where TLookup : struct, ILevelLookup
{
    /// <summary>Steps whose words can be summed: a pair is at most 2 * 127 * largest level, a word at most 32767. Levels go up to 2^k - 1,
    /// looked-up ones to 127.</summary>
    public static int Steps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLookup.IsUsed || TWidth.Bits >= 7 ? 1 : TWidth.Bits == 6 ? 2 : TWidth.Bits == 5 ? 4 : 8;
    }
}
