using System.Runtime.Intrinsics.X86;
using KBitQuant.Compute.Cpu.Kernels;
using KBitQuant.Compute.Cpu.Kernels.RowLanes;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Cpu;

/// <summary>The one ordered table of CPU kernels, fastest first, from which dispatch, tests and benchmarks take them.</summary>
internal static class CpuKernels
{
    /// <summary>Every kernel. To add one, write its file and add its line here.</summary>
    public static IReadOnlyList<MatMulKernel<CpuDevice>> All { get; } =
    [
        new Int8Kernel("int8-avx512", () => Avx512BW.IsSupported, Int8Functions.Avx512),
        new Int8Kernel("int8-avx-vnni", () => AvxVnni.IsSupported, Int8Functions.AvxVnni),
        new Int8Kernel("int8-avx2", () => Avx2.IsSupported, Int8Functions.Avx2),
        new RowLaneKernel("row-lanes-avx512", () => Avx512F.IsSupported, RowLaneFunctions.Avx512),
        new RowLaneKernel("row-lanes-avx2", () => Avx2.IsSupported && Fma.IsSupported, RowLaneFunctions.Avx2),
        new RowLaneKernel("row-lanes", () => true, RowLaneFunctions.Vector256),
        new DecodeRowKernel(),
        new ReferenceKernel(),
    ];

    public static MatMulKernel<CpuDevice> Choose(QuantizedTensor weight, KernelPreference? preference) =>
        MatMulKernel<CpuDevice>.Choose(All, weight, preference);
}
