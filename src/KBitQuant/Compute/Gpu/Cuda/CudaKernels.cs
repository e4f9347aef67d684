using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>The kernels written for CUDA that a device has loaded, each when it is first asked for. Used within calls.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class CudaKernels(Accelerator accelerator, CudaGpu gpu, nint stream, ICudaLoader loader) : IDisposable
{
    private readonly Dictionary<MethodInfo, CudaFunction> _functions = [];
    private readonly HashSet<MethodInfo> _rejectedMethods = [];
    private readonly Dictionary<string, string> _rejected = [];
    private ExchangeMemory? _exchange;

    /// <summary>Such as 90.</summary>
    public int Architecture => gpu.Architecture;

    /// <summary>The multiprocessors.</summary>
    public int MultiprocessorCount => gpu.MultiprocessorCount;

    /// <summary>The most bytes of shared memory that a group can have.</summary>
    public int SharedBytes => gpu.SharedBytes;

    /// <summary>The kernels that were asked for with <see cref="TryGet"/> and rejected, with what the compiler or the driver said.</summary>
    public IReadOnlyDictionary<string, string> Rejected => _rejected;

    /// <summary>The stream in which a device does its work.</summary>
    public nint Stream => stream;

    /// <summary>The memory through which groups of the kernels for large batches hand each other sums.</summary>
    public ExchangeMemory Exchange => _exchange ??= new(accelerator, MultiprocessorCount);

    /// <summary>Whether an exception says that a kernel is rejected: by the compiler, or by the driver.</summary>
    public static bool IsRejection(Exception exception) => exception is InvalidOperationException or InternalCompilerException;

    /// <summary>The loaded kernel for one input row.</summary>
    /// <exception cref="InvalidOperationException">The driver rejects it.</exception>
    public CudaFunction Get(DecodeVariant variant) => Get(variant.Method, DecodeGroup.Size);

    /// <summary>The loaded kernel. For those that have another to take their place there is <see cref="TryGet"/>.</summary>
    /// <exception cref="InvalidOperationException">The driver rejects it.</exception>
    public CudaFunction Get(MethodInfo kernel, int groupSize, int groupsPerMultiprocessor = 1)
    {
        if (_functions.TryGetValue(kernel, out CudaFunction? function))
            return function;
        function = loader.Load(kernel, groupSize, groupsPerMultiprocessor);
        _functions.Add(kernel, function);
        return function;
    }

    /// <summary>The loaded kernel, or null where it is rejected, now or before (<see cref="Rejected"/>).</summary>
    /// <param name="name">What to call it there.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="groupSize">Threads of a group.</param>
    /// <param name="groupsPerMultiprocessor">Groups that are to share a multiprocessor.</param>
    public CudaFunction? TryGet(string name, MethodInfo kernel, int groupSize, int groupsPerMultiprocessor = 1)
    {
        if (_rejectedMethods.Contains(kernel))
            return null;
        try
        {
            return Get(kernel, groupSize, groupsPerMultiprocessor);
        }
        catch (Exception exception) when (IsRejection(exception))
        {
            _rejectedMethods.Add(kernel);
            // The compiler keeps what it says in an inner one.
            _rejected.TryAdd(name, exception.GetBaseException().Message);
            return null;
        }
    }

    public void Dispose()
    {
        foreach (CudaFunction function in _functions.Values)
            function.Dispose();
        loader.Dispose();
        _exchange?.Dispose();
    }
}
