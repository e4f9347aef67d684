using System.Reflection;
using ILGPU.Runtime.Cuda;
using KBitQuant.Compute.Gpu.Benchmarking;
using KBitQuant.Compute.Gpu.Kernels;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;
using KBitQuant.Compute.Gpu.Ptx;
using KBitQuant.Numerics;

namespace KBitQuant.Tests.Compute.Gpu;

/// <summary>The kernels for CUDA become PTX without a GPU; what they became is looked at.</summary>
public class PtxCompilerTests
{
    private static readonly WeightVariant[] Weights =
    [
        .. Enumerable.Range(2, 7).Select(bits => new WeightVariant(bits, PackedView.HalfConstants, HasOffsets: false, IsHalf: true)),
        new(4, PackedView.FloatConstants, HasOffsets: true, IsHalf: false),
    ];

    public static TheoryData<string> Kernels { get; } = [.. Methods().Select(kernel => kernel.Name)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void AKernelKeepsItsValuesInRegisters(string name)
    {
        string text = Compile(CudaArchitecture.SM_90, name);
        bool isOfWarpgroups = name.StartsWith("prefill", StringComparison.Ordinal);
        string product = isOfWarpgroups ? "wgmma.mma_async" : name.StartsWith("two bits", StringComparison.Ordinal) ? "mma.sync.aligned.m16n8k32" : "mma.sync.aligned.m16n8k16";
        Assert.Contains(product, text, StringComparison.Ordinal);
        Assert.DoesNotContain(".local", text, StringComparison.Ordinal);
        Assert.DoesNotContain("$", text, StringComparison.Ordinal);
        Assert.Contains(".target sm_90", text, StringComparison.Ordinal);
    }

    /// <summary>What the driver needs beside the instructions: the target that has them, the sums, and the map of the inputs.</summary>
    [Fact]
    public void ProductsOfWarpgroupsAreDeclared()
    {
        string text = Compile(CudaArchitecture.SM_90, "prefill 256 " + Weights[2]);
        Assert.Contains(".target sm_90a", text, StringComparison.Ordinal);
        Assert.Contains(".reg .f32 sum<128>;", text, StringComparison.Ordinal);
        Assert.Contains(",sum126,sum127}", text, StringComparison.Ordinal);
        Assert.Matches(@"\.entry[^{]*\.param \.align 64 \.b8 matrix_map\[128\]\s*\)", text);
        Assert.DoesNotContain("[[", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vector")]
    [InlineData("batch 64")]
    [InlineData("stationary 16")]
    [InlineData("stationary 8")]
    [InlineData("stationary 1")]
    public void OlderArchitecturesGetNoneOfHoppersInstructions(string kernel)
    {
        string text = Compile(CudaArchitecture.SM_80, $"{kernel} {Weights[2]}");
        foreach (string later in (string[])["griddepcontrol", "cluster", "wgmma", "mbarrier.try_wait", "cp.async.bulk"])
            Assert.DoesNotContain(later, text, StringComparison.Ordinal);
        Assert.Contains(".target sm_80", text, StringComparison.Ordinal);
    }

    [Fact]
    public void LaterArchitecturesGetTheNewestTargetThatThisVersionOfPtxHas()
    {
        string text = Compile(new CudaArchitecture(12, 0), "batch 64 " + Weights[2]);
        Assert.Contains("griddepcontrol", text, StringComparison.Ordinal);
        Assert.Matches(@"\.target sm_90\s", text);
    }

    /// <summary>ILGPU confuses structures that look alike: kernels that one device uses are compiled one after the other.</summary>
    [Fact]
    public void KernelsDoNotDisturbEachOther()
    {
        using var compiler = new PtxCompiler(CudaArchitecture.SM_90, CudaInstructionSet.ISA_80);
        foreach (MethodInfo method in Streaming().Concat(Methods().Select(kernel => kernel.Method)).Concat(Streaming()))
            Assert.DoesNotContain(".local", compiler.Compile(method, StreamGroup.Size).Text, StringComparison.Ordinal);
    }

    private static IEnumerable<MethodInfo> Streaming() =>
        from element in new[] { typeof(HalfElement), typeof(BFloat16Element), typeof(SingleElement) }
        from hasOffsets in new[] { false, true }
        from method in new[]
        {
            StreamKernels.QuantizeMethod(element, isEven: true, hasOffsets),
            StreamKernels.QuantizeMethod(element, isEven: false, hasOffsets),
            StreamKernels.DequantizeMethod(element, hasOffsets),
        }
        select method;

    private static string Compile(CudaArchitecture architecture, string name)
    {
        using var compiler = new PtxCompiler(architecture, CudaInstructionSet.ISA_80);
        (_, MethodInfo method, int groupSize) = Methods().Single(kernel => kernel.Name == name);
        return compiler.Compile(method, groupSize).Text;
    }

    private static IEnumerable<(string Name, MethodInfo Method, int GroupSize)> Methods()
    {
        foreach (WeightVariant weight in Weights)
            yield return ($"vector {weight}", new DecodeVariant(weight).Method, DecodeGroup.Size);
        foreach (int columns in new[] { 8, 16, 32, 64 })
            yield return ($"batch {columns} {Weights[2]}", new BatchVariant(Weights[2], columns).Method, BatchGroup.MaxSize);
        foreach (WeightVariant weight in Weights)
            yield return ($"stationary 16 {weight}", new StationaryVariant(weight, 16, IsComputed: false).Method, StationaryGroup.MaxSize);
        foreach (WeightVariant weight in Weights.Skip(3).Take(4))
            yield return ($"stationary even {weight}", new StationaryVariant(weight, 16, IsComputed: true).Method, StationaryGroup.MaxSize);
        foreach ((WeightVariant weight, int columns) in new[] { Weights[0], Weights[2], Weights[^1] }.SelectMany(weight => new[] { (weight, 1), (weight, 8) }))
            yield return ($"stationary {columns} {weight}", new StationaryVariant(weight, columns, IsComputed: false).Method, StationaryGroup.MaxSize);
        foreach (WeightVariant weight in new[] { Weights[0], Weights[0] with { ConstantKind = PackedView.FloatConstants, HasOffsets = true, IsHalf = false } })
            yield return ($"two bits {weight}", new StationaryVariant(weight, 1, IsComputed: true).Method, StationaryGroup.MaxSize);
        foreach (WeightVariant weight in Weights)
            yield return ($"prefill 256 {weight}", new PrefillVariant(weight, default(Columns256), IsEven: false).Method, PrefillGroup.Size);
        foreach (WeightVariant weight in Weights.Skip(3).Take(4))
            yield return ($"prefill even {weight}", new PrefillVariant(weight, default(Columns64), IsEven: true).Method, PrefillGroup.Size);
        foreach (IPrefillColumns columns in PrefillVariant.AllColumns.Take(3))
            yield return ($"prefill {columns.Count} {Weights[^1]}", new PrefillVariant(Weights[^1], columns, IsEven: false).Method, PrefillGroup.Size);
        foreach (Type element in new[] { typeof(Half), typeof(BFloat16) })
            yield return ($"peak of {element.Name}", GpuCeilingProbe.PeakKernel(element), GpuCeilingProbe.PeakGroupSize);
        yield return ($"batch 16 {Weights[0]}", new BatchVariant(Weights[0], 16).Method, BatchGroup.MaxSize);
        yield return ($"batch 64 {Weights[^1]}", new BatchVariant(Weights[^1], 64).Method, BatchGroup.MaxSize);
    }
}
