using System.Text;

namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>A kernel that the driver compiled from PTX. Used and disposed of within calls.</summary>
internal sealed unsafe class CudaFunction : IDisposable
{
    private const int InfoLog = 3;
    private const int InfoLogBytes = 4;
    private const int ErrorLog = 5;
    private const int ErrorLogBytes = 6;

    private const int MaxAttributes = 2;

    private readonly Dictionary<(int ClusterSize, int SharedBytes, int Threads), int> _activeClusters = [];
    private readonly bool _canOverlap;
    private readonly nint _module;
    private readonly nint _function;

    /// <summary>Compiles.</summary>
    /// <param name="text">The PTX.</param>
    /// <param name="entryName">The kernel's name in it.</param>
    /// <param name="sharedBytes">The most shared memory that it may use, what it has without asking included.</param>
    /// <param name="canOverlap">Whether the device can begin a kernel before the one ahead of it has ended.</param>
    /// <exception cref="InvalidOperationException">The driver rejects it; the message has what it says.</exception>
    public CudaFunction(string text, string entryName, int sharedBytes, bool canOverlap)
    {
        _canOverlap = canOverlap;
        _module = Load(text);
        try
        {
            CudaDriver.ThrowIfFailed(CudaDriver.GetFunction(out _function, _module, entryName), "find the kernel");
            CudaDriver.ThrowIfFailed(CudaDriver.GetFunctionAttribute(out int own, CudaDriver.OwnSharedSize, _function), "tell the size of shared memory");
            CudaDriver.ThrowIfFailed(
                CudaDriver.SetFunctionAttribute(_function, CudaDriver.MaxDynamicSharedSize, sharedBytes - own), $"grant {sharedBytes} bytes of shared memory");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Starts the kernel. It may begin before the kernel ahead of it in the stream has ended, and waits for it itself.</summary>
    public void Launch<TArguments>(nint stream, CudaGrid grid, TArguments arguments)
        where TArguments : unmanaged => Start(stream, grid, &arguments);

    /// <summary>Starts the kernel with a parameter as PTX reads it, at least as long as the kernel's own.</summary>
    public void LaunchPacked(nint stream, CudaGrid grid, ReadOnlySpan<byte> parameter)
    {
        fixed (byte* bytes = parameter)
            Start(stream, grid, bytes);
    }

    /// <summary>As <see cref="Launch{TArguments}(nint, CudaGrid, TArguments)"/>, of a kernel that copies from a matrix.</summary>
    public void Launch<TArguments>(nint stream, CudaGrid grid, TArguments arguments, CudaMatrixMap matrix)
        where TArguments : unmanaged
    {
        void** parameters = stackalloc void*[] { &arguments, &matrix };
        Start(stream, grid, parameters);
    }

    /// <summary>How many clusters run at the same time.</summary>
    public int CountActiveClusters(CudaGrid grid)
    {
        var key = (grid.ClusterSize, grid.SharedBytes, grid.GroupSize * grid.GroupY);
        if (_activeClusters.TryGetValue(key, out int count))
            return count;
        CudaLaunchAttribute* attributes = stackalloc CudaLaunchAttribute[MaxAttributes];
        CudaLaunch launch = Describe(grid, attributes);
        CudaDriver.ThrowIfFailed(CudaDriver.CountActiveClusters(out count, _function, &launch), "count clusters");
        _activeClusters.Add(key, count);
        return count;
    }

    public void Dispose() => _ = CudaDriver.UnloadModule(_module);

    private void Start(nint stream, CudaGrid grid, void* parameter) => Start(stream, grid, &parameter);

    private void Start(nint stream, CudaGrid grid, void** parameters)
    {
        CudaLaunchAttribute* attributes = stackalloc CudaLaunchAttribute[MaxAttributes];
        CudaLaunch launch = Describe(grid, attributes);
        launch.Stream = stream;
        CudaDriver.ThrowIfFailed(CudaDriver.Launch(&launch, _function, parameters, null), "start a kernel");
    }

    private CudaLaunch Describe(CudaGrid grid, CudaLaunchAttribute* attributes)
    {
        attributes[0] = new() { Identifier = CudaLaunchAttribute.OverlapPrevious, Value = 1 };
        attributes[1] = new() { Identifier = CudaLaunchAttribute.ClusterSize, Value = grid.ClusterSize, ValueY = 1, ValueZ = 1 };
        return new()
        {
            GridX = (uint)grid.X,
            GridY = (uint)grid.Y,
            GridZ = 1,
            GroupX = (uint)grid.GroupSize,
            GroupY = (uint)grid.GroupY,
            GroupZ = 1,
            SharedBytes = (uint)grid.SharedBytes,
            Attributes = attributes,
            // Older devices have neither; clusters of one need not be named.
            AttributeCount = !_canOverlap ? 0u : grid.ClusterSize > 1 ? 2u : 1u,
        };
    }

    private static nint Load(string text)
    {
        const int LogBytes = 8192;
        byte[] image = [.. Encoding.ASCII.GetBytes(text), 0];
        byte* info = stackalloc byte[LogBytes];
        byte* error = stackalloc byte[LogBytes];
        *error = 0;
        int* options = stackalloc int[] { InfoLog, InfoLogBytes, ErrorLog, ErrorLogBytes };
        nint* values = stackalloc nint[] { (nint)info, LogBytes, (nint)error, LogBytes };
        fixed (byte* data = image)
        {
            int result = CudaDriver.LoadModule(out nint module, data, 4, options, values);
            CudaDriver.ThrowIfFailed(result, "compile a kernel", Encoding.UTF8.GetString(error, new ReadOnlySpan<byte>(error, LogBytes).IndexOf((byte)0)));
            return module;
        }
    }
}
