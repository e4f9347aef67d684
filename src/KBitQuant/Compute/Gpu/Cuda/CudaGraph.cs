namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>Work of a stream, recorded once and replayed with one call. Used and disposed of within calls.</summary>
internal sealed class CudaGraph : IDisposable
{
    private const int ThreadLocalCapture = 1;

    private readonly nint _stream;
    private readonly nint _executable;

    /// <summary>Records what an action puts into the stream.</summary>
    public CudaGraph(nint stream, Action work)
    {
        _stream = stream;
        CudaDriver.ThrowIfFailed(CudaDriver.BeginCapture(stream, ThreadLocalCapture), "begin to record");
        nint graph;
        try
        {
            work();
        }
        catch
        {
            // The stream must not go on recording.
            if (CudaDriver.EndCapture(stream, out graph) == 0)
                _ = CudaDriver.DestroyGraph(graph);
            throw;
        }

        CudaDriver.ThrowIfFailed(CudaDriver.EndCapture(stream, out graph), "record");
        int result = CudaDriver.InstantiateGraph(out _executable, graph, 0);
        _ = CudaDriver.DestroyGraph(graph);
        CudaDriver.ThrowIfFailed(result, "prepare what was recorded");
    }

    /// <summary>Puts the work into the stream again.</summary>
    public void Launch() => CudaDriver.ThrowIfFailed(CudaDriver.LaunchGraph(_executable, _stream), "replay");

    public void Dispose() => _ = CudaDriver.DestroyExecutable(_executable);
}
