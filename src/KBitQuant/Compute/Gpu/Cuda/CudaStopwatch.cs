namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>Times work of a stream by the device's clock. Used and disposed of within calls.</summary>
internal sealed class CudaStopwatch : IDisposable
{
    private readonly nint _stream;
    private readonly nint _start;
    private readonly nint _end;

    public CudaStopwatch(nint stream)
    {
        _stream = stream;
        CudaDriver.ThrowIfFailed(CudaDriver.CreateEvent(out _start, 0), "make an event");
        CudaDriver.ThrowIfFailed(CudaDriver.CreateEvent(out _end, 0), "make an event");
    }

    /// <summary>The median of several runs, after two that do not count, in microseconds.</summary>
    public double Median(int runs, Action work)
    {
        const int WarmUp = 2;
        var times = new List<double>();
        for (int run = -WarmUp; run < runs; run++)
        {
            CudaDriver.ThrowIfFailed(CudaDriver.RecordEvent(_start, _stream), "record an event");
            work();
            CudaDriver.ThrowIfFailed(CudaDriver.RecordEvent(_end, _stream), "record an event");
            CudaDriver.ThrowIfFailed(CudaDriver.AwaitEvent(_end), "wait for an event");
            CudaDriver.ThrowIfFailed(CudaDriver.Elapsed(out float milliseconds, _start, _end), "read a time");
            if (run >= 0)
                times.Add(milliseconds * 1000.0);
        }

        times.Sort();
        return times[times.Count / 2];
    }

    public void Dispose()
    {
        _ = CudaDriver.DestroyEvent(_start);
        _ = CudaDriver.DestroyEvent(_end);
    }
}
