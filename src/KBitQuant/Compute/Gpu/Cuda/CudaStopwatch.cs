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
        for (int run = 0; run < WarmUp; run++)
            Seconds(work);
        return Enumerable.Range(0, runs).Select(_ => Seconds(work)).Order().ElementAt(runs / 2) * 1e6;
    }

    /// <summary>The seconds from the beginning of work to its end. The same work goes ahead of it, so that the device is busy until all is in line: else what is timed has the host's time from
    /// one call to the next in it, and that of a graph of 64 products is anything up to some 60 us.</summary>
    public double Seconds(Action work)
    {
        work();
        CudaDriver.ThrowIfFailed(CudaDriver.RecordEvent(_start, _stream), "record an event");
        work();
        CudaDriver.ThrowIfFailed(CudaDriver.RecordEvent(_end, _stream), "record an event");
        CudaDriver.ThrowIfFailed(CudaDriver.AwaitEvent(_end), "wait for an event");
        CudaDriver.ThrowIfFailed(CudaDriver.Elapsed(out float milliseconds, _start, _end), "read a time");
        return milliseconds / 1000.0;
    }

    public void Dispose()
    {
        _ = CudaDriver.DestroyEvent(_start);
        _ = CudaDriver.DestroyEvent(_end);
    }
}
