using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Numerics;

/// <summary>Who made the processor, where the same instructions cost different things.</summary>
internal static class ProcessorVendor
{
    /// <summary>"Auth", "enti", "cAMD": registers B, D and C of leaf 0 of CPUID.</summary>
    private static readonly (int B, int C, int D) Amd = (0x6874_7541, 0x444d_4163, 0x6974_6e65);

    public static bool IsAmd { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0) is var id && (id.Ebx, id.Ecx, id.Edx) == Amd;
}
