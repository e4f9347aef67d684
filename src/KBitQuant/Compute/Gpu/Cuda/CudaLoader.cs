using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using ILGPU.Runtime.Cuda;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>C# to PTX by <see cref="PtxCompiler"/>, from there on by the driver.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class CudaLoader(CudaAccelerator accelerator, CudaGpu gpu) : ICudaLoader
{
    private PtxCompiler? _compiler;

    public CudaFunction Load(MethodInfo kernel, int groupSize, int groupsPerMultiprocessor)
    {
        if (!CudaDriver.HasLaunch)
            throw new InvalidOperationException("The CUDA driver is older than version 11.8.");
        _compiler ??= new PtxCompiler(accelerator.Architecture, accelerator.InstructionSet);
        (string text, string entryName) = _compiler.Compile(kernel, groupSize, groupsPerMultiprocessor);
        return new CudaFunction(text, entryName, gpu.SharedBytes, canOverlap: gpu.Architecture >= PtxArchitecture.Hopper);
    }

    public void Dispose() => _compiler?.Dispose();
}
