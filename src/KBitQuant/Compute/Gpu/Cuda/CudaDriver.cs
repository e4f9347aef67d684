using System.Reflection;
using System.Runtime.InteropServices;

namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>The functions of NVIDIA's driver that ILGPU does not reach. Each returns 0 or an error's number.</summary>
internal static unsafe partial class CudaDriver
{
    /// <summary>Attribute of a function: the bytes of shared memory that it has without asking.</summary>
    public const int OwnSharedSize = 1;

    /// <summary>Attribute of a function: the bytes of shared memory that a launch may ask for.</summary>
    public const int MaxDynamicSharedSize = 8;

    /// <summary>Attribute of a device: the most shared memory that a group can have.</summary>
    public const int MaxSharedMemoryPerGroup = 97;

    private const string Library = "cuda";

    static CudaDriver() => NativeLibrary.SetDllImportResolver(typeof(CudaDriver).Assembly, Resolve);

    /// <summary>Whether the driver has <see cref="Launch"/>, as those from version 11.8 on do.</summary>
    public static bool HasLaunch => NativeLibrary.TryGetExport(LoadLibrary(), "cuLaunchKernelEx", out _);

    [LibraryImport(Library, EntryPoint = "cuModuleLoadDataEx")]
    public static partial int LoadModule(out nint module, byte* image, uint optionCount, int* options, nint* values);

    [LibraryImport(Library, EntryPoint = "cuModuleGetFunction", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int GetFunction(out nint function, nint module, string name);

    [LibraryImport(Library, EntryPoint = "cuModuleUnload")]
    public static partial int UnloadModule(nint module);

    [LibraryImport(Library, EntryPoint = "cuFuncGetAttribute")]
    public static partial int GetFunctionAttribute(out int value, int attribute, nint function);

    [LibraryImport(Library, EntryPoint = "cuFuncSetAttribute")]
    public static partial int SetFunctionAttribute(nint function, int attribute, int value);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetAttribute")]
    public static partial int GetDeviceAttribute(out int value, int attribute, int device);

    [LibraryImport(Library, EntryPoint = "cuTensorMapEncodeTiled")]
    public static partial int EncodeMatrix(
        CudaMatrixMap* map, int elementType, uint rank, long address, ulong* sizes, ulong* strides, uint* box, uint* steps, int interleave, int swizzle, int fetch, int fill);

    [LibraryImport(Library, EntryPoint = "cuLaunchKernelEx")]
    public static partial int Launch(CudaLaunch* launch, nint function, void** parameters, void** extra);

    [LibraryImport(Library, EntryPoint = "cuOccupancyMaxActiveClusters")]
    public static partial int CountActiveClusters(out int count, nint function, CudaLaunch* launch);

    [LibraryImport(Library, EntryPoint = "cuStreamBeginCapture_v2")]
    public static partial int BeginCapture(nint stream, int mode);

    [LibraryImport(Library, EntryPoint = "cuStreamEndCapture")]
    public static partial int EndCapture(nint stream, out nint graph);

    [LibraryImport(Library, EntryPoint = "cuGraphInstantiateWithFlags")]
    public static partial int InstantiateGraph(out nint executable, nint graph, ulong flags);

    [LibraryImport(Library, EntryPoint = "cuGraphDestroy")]
    public static partial int DestroyGraph(nint graph);

    [LibraryImport(Library, EntryPoint = "cuGraphExecDestroy")]
    public static partial int DestroyExecutable(nint executable);

    [LibraryImport(Library, EntryPoint = "cuGraphLaunch")]
    public static partial int LaunchGraph(nint executable, nint stream);

    [LibraryImport(Library, EntryPoint = "cuEventCreate")]
    public static partial int CreateEvent(out nint @event, uint flags);

    [LibraryImport(Library, EntryPoint = "cuEventDestroy_v2")]
    public static partial int DestroyEvent(nint @event);

    [LibraryImport(Library, EntryPoint = "cuEventRecord")]
    public static partial int RecordEvent(nint @event, nint stream);

    [LibraryImport(Library, EntryPoint = "cuEventSynchronize")]
    public static partial int AwaitEvent(nint @event);

    [LibraryImport(Library, EntryPoint = "cuEventElapsedTime")]
    public static partial int Elapsed(out float milliseconds, nint start, nint end);

    [LibraryImport(Library, EntryPoint = "cuGetErrorName")]
    private static partial int GetErrorName(int error, out nint name);

    /// <summary>Throws unless a function succeeded.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has the driver's name for the error.</exception>
    public static void ThrowIfFailed(int result, string action, string detail = "")
    {
        if (result == 0)
            return;
        string name = GetErrorName(result, out nint text) == 0 ? Marshal.PtrToStringUTF8(text)! : "unknown error";
        throw new InvalidOperationException($"The CUDA driver failed to {action}: {name} ({result}). {detail}".TrimEnd());
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == Library ? LoadLibrary() : 0;

    private static nint LoadLibrary() => NativeLibrary.Load(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1");
}
