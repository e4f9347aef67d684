using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU.Runtime.Cuda;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Decoder.Activations;
using KBitQuant.Compute.Gpu.Decoder.Attention;
using KBitQuant.Compute.Gpu.Decoder.Attention.Flash;
using KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;
using KBitQuant.Compute.Gpu.Decoder.Dense;
using KBitQuant.Compute.Gpu.Decoder.Dense.TensorCores;
using KBitQuant.Compute.Gpu.Decoder.Logits;
using KBitQuant.Compute.Gpu.Decoder.Norms;
using KBitQuant.Compute.Gpu.Decoder.Rotary;
using KBitQuant.Compute.Gpu.Kernels;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Tests.Compute.Gpu.Decoder;

/// <summary>The decoder's kernels become PTX without a GPU.</summary>
public partial class DecoderPtxTests
{
    private static readonly Dictionary<string, (MethodInfo Method, MethodInfo Portable, int ParameterLength)> Kernels = new()
    {
        ["norm"] = Describe(NormKernel.Kernel),
        ["embedding"] = Describe(EmbeddingKernel<ushort, PortablePlatform, CudaPlatform>.Kernel),
        ["rotary"] = Describe(RotaryKernel.Kernel),
        ["attention"] = Describe(AttentionKernel.Kernel),
        ["activation"] = Describe(ActivationKernel.Kernel),
        ["argmax"] = Describe(ArgMaxKernel.Kernel),
        ["widen"] = Describe(WidenKernel.Kernel),
        ["dense vector, half"] = Describe(DenseVectorKernel<ushort, PortablePlatform, CudaPlatform>.Kernel),
        ["dense vector, bf16"] = Describe(DenseVectorKernel<ushort, BFloat16Element, BFloat16Element>.Kernel),
        ["dense tile, half"] = Describe(DenseTileKernel<ushort, PortablePlatform, CudaPlatform>.Kernel),
        ["dense tile, float"] = Describe(DenseTileKernel<float, SingleElement, SingleElement>.Kernel),
    };

    private static readonly Dictionary<string, (MethodInfo Method, int GroupSize)> TensorKernels = new()
    {
        ["attention"] = Describe(FlashAttentionKernel<Yes>.Kernel),
        ["attention of small heads"] = Describe(FlashAttentionKernel<No>.Kernel),
        ["dense vector, half"] = Describe(DenseTensorVectorKernel<HalfDenseWeight>.Kernel),
        ["dense vector, bf16"] = Describe(DenseTensorVectorKernel<BFloat16DenseWeight>.Kernel),
        ["dense tile, half"] = Describe(DenseTensorTileKernel<HalfDenseWeight>.Kernel),
        ["dense tile, bf16"] = Describe(DenseTensorTileKernel<BFloat16DenseWeight>.Kernel),
    };

    /// <summary>Others from sm_80 on.</summary>
    private static readonly (MethodInfo Method, int GroupSize)[] CudaKernels =
        [Describe(AttentionStepKernel.Kernel), Describe(RotaryPassKernel.Kernel), Describe(RmsNormKernel.Kernel), Describe(GatedActivationKernel.Kernel)];

    public static TheoryData<string> Names => [.. Kernels.Keys];

    public static TheoryData<string> TensorNames => [.. TensorKernels.Keys];

    /// <summary>What is launched past ILGPU must lie as its backend expects it.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void TheParameterIsAsLongAsPtxHasIt(string name)
    {
        (MethodInfo method, _, int length) = Kernels[name];
        string text = Compile(method);
        int declared = int.Parse(Parameter().Match(text).Groups[1].Value, CultureInfo.InvariantCulture);
        // The end is padded to the alignment of an address.
        Assert.Equal((length + 7) / 8 * 8, declared);
        Assert.InRange(declared, 1, ArgumentWriter.MaxLength);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ValuesStayInRegisters(string name)
    {
        AssertValuesStayInRegisters(Compile(Kernels[name].Method));
    }

    [Fact]
    public void KernelsForCudaAloneStayInRegisters()
    {
        using var compiler = new PtxCompiler(CudaArchitecture.SM_90, CudaInstructionSet.ISA_80);
        foreach ((MethodInfo method, int groupSize) in CudaKernels)
            AssertValuesStayInRegisters(compiler.Compile(method, groupSize).Text);
    }

    [Theory]
    [MemberData(nameof(TensorNames))]
    public void ValuesOfTensorCoresStayInRegisters(string name)
    {
        using var compiler = new PtxCompiler(CudaArchitecture.SM_90, CudaInstructionSet.ISA_80);
        string text = compiler.Compile(TensorKernels[name].Method, TensorKernels[name].GroupSize).Text;
        AssertValuesStayInRegisters(text);
        Assert.Contains("mma.sync.aligned.m16n8k16", text, StringComparison.Ordinal);
    }

    /// <summary>The kernels of every GPU of CUDA; those of tensor cores, and what stands beside them, are for sm_80 and later ones.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void OlderArchitecturesGetNoneOfLaterInstructions(string name)
    {
        using var compiler = new PtxCompiler(CudaArchitecture.SM_70, CudaInstructionSet.ISA_80);
        string text = compiler.Compile(Kernels[name].Method, 256).Text;
        Assert.Contains(".target sm_70", text, StringComparison.Ordinal);
        foreach (string later in (string[])["griddepcontrol", "cp.async", "mma.sync", "cvt.rn.f16x2.f32", "cvt.rn.bf16", "ex2.approx.ftz.bf16", "cluster"])
            Assert.DoesNotContain(later, text, StringComparison.Ordinal);
    }

    [Fact]
    public void KernelsFromAmpereOnGetNoneOfHoppersInstructions()
    {
        using var compiler = new PtxCompiler(CudaArchitecture.SM_80, CudaInstructionSet.ISA_80);
        foreach ((MethodInfo method, int groupSize) in TensorKernels.Values.Concat(CudaKernels))
        {
            string text = compiler.Compile(method, groupSize).Text;
            Assert.Contains(".target sm_80", text, StringComparison.Ordinal);
            Assert.DoesNotContain("griddepcontrol", text, StringComparison.Ordinal);
        }
    }

    /// <summary>What takes the place of a kernel that the driver rejects, compiled as ILGPU does.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void ThePortableKernelIsOneForCudaToo(string name)
    {
        using var compiler = new PtxCompiler(CudaArchitecture.SM_70, CudaInstructionSet.ISA_80);
        Assert.Contains(".target sm_70", compiler.Compile(Kernels[name].Portable, GpuDevice.LargestGroupSize).Text, StringComparison.Ordinal);
    }

    private static void AssertValuesStayInRegisters(string text)
    {
        Assert.DoesNotContain(".local", text, StringComparison.Ordinal);
        Assert.DoesNotContain("$", text, StringComparison.Ordinal);
        // The bits of the integer 1, where a float was meant.
        Assert.DoesNotContain("0f00000001", text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("griddepcontrol.wait", text, StringComparison.Ordinal);
    }

    private static (MethodInfo Method, MethodInfo Portable, int ParameterLength) Describe<TArguments>(PlatformKernel<TArguments> kernel)
        where TArguments : struct, IKernelArguments
    {
        var writer = new ArgumentWriter(new byte[ArgumentWriter.MaxLength]);
        default(TArguments).Write(ref writer);
        return (kernel.Cuda.Method, kernel.Portable.Method, writer.Length);
    }

    private static (MethodInfo Method, int GroupSize) Describe<TArguments>(CudaKernel<TArguments> kernel)
        where TArguments : unmanaged => (kernel.Method, kernel.GroupSize);

    private static string Compile(MethodInfo method)
    {
        using var compiler = new PtxCompiler(CudaArchitecture.SM_90, CudaInstructionSet.ISA_80);
        return compiler.Compile(method, 256).Text;
    }

    [GeneratedRegex(@"\.param\s+\.align\s+8\s+\.b8\s+\w+\[(\d+)\]")]
    private static partial Regex Parameter();
}
