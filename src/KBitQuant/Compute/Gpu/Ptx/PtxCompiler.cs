using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>C# methods to PTX, for one architecture. Needs no GPU: what it writes can be looked at, and tested, anywhere.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed partial class PtxCompiler : IDisposable
{
    private readonly Context _context;
    private readonly PTXBackend _backend;
    private readonly string _target;

    /// <summary>Prepares to compile for an architecture, in a version of PTX that its driver reads.</summary>
    public PtxCompiler(CudaArchitecture architecture, CudaInstructionSet instructionSet)
    {
        _context = Context.Create(builder =>
        {
            builder.Optimize(OptimizationLevel.O2).Inlining(InliningMode.Aggressive);
            RegisterAll(builder);
        });
        // null: no NVVM library, whose own mathematical functions no kernel here uses.
        _backend = new PTXBackend(_context, architecture, instructionSet, null!);
        // Drivers translate older targets for later devices; the backend's version of PTX does not have theirs.
        int target = Math.Min((architecture.Major * 10) + architecture.Minor, PtxArchitecture.Hopper);
        _target = string.Create(CultureInfo.InvariantCulture, $".target sm_{target}");
    }

    /// <summary>Compiles a static method without result, of one parameter, whose groups have this many threads,
    /// few enough registers that several groups share a multiprocessor.</summary>
    public (string Text, string EntryName) Compile(MethodInfo kernel, int groupSize, int groupsPerMultiprocessor = 1)
    {
        var compiled = (PTXCompiledKernel)_backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel), new KernelSpecialization(groupSize, groupsPerMultiprocessor));
        // The backend names the newest target that it knows the instructions of, older than the device.
        string text = Target().Replace(compiled.PTXAssembly, _target, 1);
        if (text.Contains("wgmma", StringComparison.Ordinal))
            text = AllowWarpgroups(text);
        if (text.Contains(PtxBulkCopy.MapName, StringComparison.Ordinal))
            text = EntryParameter().Replace(text, $"$0,\n\t.param .align 64 .b8 {PtxBulkCopy.MapName}[128]", 1);
        text = AddressSize().Replace(text, $"$0\n.extern .shared .align 16 .b8 {PtxMemory.SharedSymbol}[];", 1);
        return (text, Entry().Match(text).Groups[1].Value);
    }

    public void Dispose()
    {
        _backend.Dispose();
        _context.Dispose();
    }

    /// <summary>Names the target with the instructions that only this very architecture has, and declares their sums.</summary>
    private string AllowWarpgroups(string text)
    {
        text = text.Replace(_target, _target + "a", StringComparison.Ordinal);
        return EntryBody().Replace(text, string.Create(CultureInfo.InvariantCulture, $"$0\n\t.reg .f32 {PtxWarpgroup.SumName}<{PtxWarpgroup.SumCount}>;"), 1);
    }

    private static void RegisterAll(Context.Builder builder)
    {
        PtxIntrinsics.Register(builder, typeof(PtxMemory));
        PtxIntrinsics.Register(builder, typeof(PtxBits));
        PtxIntrinsics.Register(builder, typeof(PtxFloats));
        PtxIntrinsics.Register(builder, typeof(PtxLanes));
        PtxIntrinsics.Register(builder, typeof(PtxTensorCore));
        PtxIntrinsics.Register(builder, typeof(PtxWarpgroup));
        PtxIntrinsics.Register(builder, typeof(PtxBulkCopy));
        PtxIntrinsics.Register(builder, typeof(PtxGrid));
    }

    [GeneratedRegex(@"\.target sm_\w+")]
    private static partial Regex Target();

    [GeneratedRegex(@"\.address_size \d+")]
    private static partial Regex AddressSize();

    [GeneratedRegex(@"\.entry\s+(\w+)")]
    private static partial Regex Entry();

    [GeneratedRegex(@"\.entry\s+\w+\(\s*[^)]*\]")]
    private static partial Regex EntryParameter();

    [GeneratedRegex(@"\.entry\s[^{]*\{")]
    private static partial Regex EntryBody();
}
