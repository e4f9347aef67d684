using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using ILGPU;
using ILGPU.Runtime.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>The kernels written for CUDA that a device has compiled, each when it is first asked for. Used within calls.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class CudaKernels(CudaAccelerator accelerator, nint stream) : IDisposable
{
    private readonly Dictionary<MethodInfo, CudaFunction> _functions = [];
    private readonly HashSet<MethodInfo> _rejectedMethods = [];
    private readonly Dictionary<string, string> _rejected = [];
    private PtxCompiler? _compiler;
    private ExchangeMemory? _exchange;

    /// <summary>Such as 90.</summary>
    public int Architecture { get; } = (accelerator.Architecture.Major * 10) + accelerator.Architecture.Minor;

    /// <summary>The multiprocessors.</summary>
    public int MultiprocessorCount { get; } = accelerator.NumMultiprocessors;

    /// <summary>The most bytes of shared memory that a group can have.</summary>
    public int SharedBytes { get; } = QuerySharedBytes(accelerator);

    /// <summary>The kernels that were asked for with <see cref="TryGet"/> and rejected, with what the compiler or the driver said.</summary>
    public IReadOnlyDictionary<string, string> Rejected => _rejected;

    /// <summary>The stream in which a device does its work.</summary>
    public nint Stream { get; } = stream;

    /// <summary>The memory through which groups of the kernels for large batches hand each other sums.</summary>
    public ExchangeMemory Exchange => _exchange ??= new(accelerator, MultiprocessorCount);

    /// <summary>The compiled kernel for one input row.</summary>
    /// <exception cref="InvalidOperationException">The driver rejects it.</exception>
    public CudaFunction Get(DecodeVariant variant) => Get(variant.Method, DecodeGroup.Size);

    /// <summary>The compiled kernel for large batches.</summary>
    /// <exception cref="InvalidOperationException">The driver rejects it.</exception>
    public CudaFunction Get(PrefillVariant variant) => Get(variant.Method, PrefillGroup.Size, variant.Columns.Neighbors);

    /// <summary>The compiled kernel.</summary>
    /// <exception cref="InvalidOperationException">The driver rejects it.</exception>
    public CudaFunction Get(MethodInfo kernel, int groupSize, int groupsPerMultiprocessor = 1)
    {
        if (_functions.TryGetValue(kernel, out CudaFunction? function))
            return function;
        _compiler ??= new PtxCompiler(accelerator.Architecture, accelerator.InstructionSet);
        (string text, string entryName) = _compiler.Compile(kernel, groupSize, groupsPerMultiprocessor);
        function = new CudaFunction(text, entryName, SharedBytes);
        _functions.Add(kernel, function);
        return function;
    }

    /// <summary>The compiled kernel, or null where it is rejected, now or before (<see cref="Rejected"/>).</summary>
    /// <param name="name">What to call it there.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="groupSize">Threads of a group.</param>
    /// <param name="groupsPerMultiprocessor">Groups that are to share a multiprocessor.</param>
    public CudaFunction? TryGet(string name, MethodInfo kernel, int groupSize, int groupsPerMultiprocessor)
    {
        if (_rejectedMethods.Contains(kernel))
            return null;
        try
        {
            return Get(kernel, groupSize, groupsPerMultiprocessor);
        }
        catch (Exception exception) when (exception is InvalidOperationException or InternalCompilerException)
        {
            _rejectedMethods.Add(kernel);
            _rejected.TryAdd(name, exception.Message);
            return null;
        }
    }

    public void Dispose()
    {
        foreach (CudaFunction function in _functions.Values)
            function.Dispose();
        _compiler?.Dispose();
        _exchange?.Dispose();
    }

    private static int QuerySharedBytes(CudaAccelerator accelerator)
    {
        CudaDriver.ThrowIfFailed(
            CudaDriver.GetDeviceAttribute(out int bytes, CudaDriver.MaxSharedMemoryPerGroup, accelerator.DeviceId), "tell the size of shared memory");
        return bytes;
    }
}
