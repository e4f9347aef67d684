using System.Reflection;

namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>Makes functions of a device from kernels; used within calls.</summary>
internal interface ICudaLoader : IDisposable
{
    /// <summary>The kernel as a function that can be started.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="groupSize">Threads of a group.</param>
    /// <param name="groupsPerMultiprocessor">Groups that are to share a multiprocessor.</param>
    /// <exception cref="InvalidOperationException">The driver rejects it; the message has what it says.</exception>
    /// <exception cref="ILGPU.InternalCompilerException">The compiler does.</exception>
    CudaFunction Load(MethodInfo kernel, int groupSize, int groupsPerMultiprocessor);
}
