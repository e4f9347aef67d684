using System.Runtime.ExceptionServices;

namespace KBitQuant.Threading;

/// <summary>
/// Background threads that share the parts of one job with the calling thread. Parts are claimed one by one, so uneven parts
/// balance. A call that finds the workers busy (from another thread, or from within a part) runs its parts itself: there are
/// never more running threads than asked for.
/// </summary>
internal sealed class Workers : IDisposable
{
    /// <summary>As many as the largest machines have processors; far more, and the runtime fails to start them.</summary>
    public const int MaxThreadCount = 1024;

    /// <summary>Long enough to bridge the gap between the layers of a model, about 50 microseconds.</summary>
    private const int SpinsBeforeParking = 2000;

    private const int Closed = int.MaxValue;

    private readonly Lock _oneJobAtATime = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly int _helperCount;
    private ParallelJob? _job;
    private Exception? _failure;
    private int _partCount;
    private int _completed;
    private int _parked;
    private volatile bool _isStopping;

    /// <summary>Upper half: the number of the job; lower half: its next unclaimed part, or <see cref="Closed"/>. Claiming is one
    /// compare-and-swap, which fails if the job has changed since it was read. Between two jobs the claim is closed, so that
    /// nobody takes the old job's number for a part of the new one.</summary>
    private long _claim = Closed;

    /// <summary>Makes workers; their threads start at once and live until disposal.</summary>
    /// <param name="threadCount">Threads that work on a job, the caller's included; 1 to <see cref="MaxThreadCount"/>.</param>
    public Workers(int threadCount)
    {
        if (threadCount is < 1 or > MaxThreadCount)
            throw new ArgumentOutOfRangeException(nameof(threadCount), threadCount, $"There are 1 to {MaxThreadCount} threads; {threadCount} were given.");
        _helperCount = threadCount - 1;
        for (int i = 0; i < _helperCount; i++)
            new Thread(Help) { IsBackground = true, Name = "KBitQuant worker" }.Start();
    }

    /// <summary>One thread for each processor.</summary>
    public static Workers Default { get; } = new(Math.Min(Environment.ProcessorCount, MaxThreadCount));

    /// <summary>Threads that work on a job, the caller's included.</summary>
    public int ThreadCount => _helperCount + 1;

    /// <summary>What they are, for people.</summary>
    public string Name => $"CPU, {this}";

    /// <summary>Their number, for people.</summary>
    public override string ToString() => ThreadCount == 1 ? "1 thread" : $"{ThreadCount} threads";

    /// <summary>Runs all parts of a job and returns, or throws what the first part to fail threw, when none is running.</summary>
    /// <exception cref="ObjectDisposedException">The workers are disposed of.</exception>
    public void Run(ParallelJob job, int partCount)
    {
        ThrowIfDisposed();
        if (partCount <= 1 || _helperCount == 0 || _oneJobAtATime.IsHeldByCurrentThread || !_oneJobAtATime.TryEnter())
        {
            for (int part = 0; part < partCount; part++)
                job.RunPart(part);
            return;
        }

        try
        {
            Publish(job, partCount);
            ClaimParts();
            var spin = default(SpinWait);
            while (Volatile.Read(ref _completed) < partCount)
                spin.SpinOnce(sleep1Threshold: -1);
            if (_failure is not null)
                ExceptionDispatchInfo.Throw(_failure);
        }
        finally
        {
            Interlocked.Exchange(ref _claim, _claim | Closed);
            _job = null;
            _oneJobAtATime.Exit();
        }
    }

    /// <summary>Refuses work after disposal.</summary>
    /// <exception cref="ObjectDisposedException">The workers are disposed of.</exception>
    public void ThrowIfDisposed()
    {
        if (!_isStopping)
            return;
        throw new ObjectDisposedException(Name);
    }

    /// <summary>Ends the threads, when the job that they are at is done.</summary>
    public void Dispose()
    {
        lock (_oneJobAtATime)
        {
            if (_isStopping)
                return;
            _isStopping = true;
            _wake.Release(_helperCount + 1);
        }
    }

    private static int JobOf(long claim) => (int)(claim >> 32);

    private static int PartOf(long claim) => (int)claim;

    private void Publish(ParallelJob job, int partCount)
    {
        _job = job;
        _partCount = partCount;
        _completed = 0;
        _failure = null;
        Interlocked.Exchange(ref _claim, (long)(JobOf(_claim) + 1) << 32);
        int parked = Interlocked.Exchange(ref _parked, 0);
        if (parked > 0)
            _wake.Release(parked);
    }

    private void ClaimParts()
    {
        while (true)
        {
            long claim = Volatile.Read(ref _claim);
            ParallelJob? job = _job;
            int part = PartOf(claim);
            if (job is null || part >= _partCount)
                return;
            if (Interlocked.CompareExchange(ref _claim, claim + 1, claim) != claim)
                continue;
            try
            {
                job.RunPart(part);
            }
            catch (Exception exception)
            {
                // Not on a thread of its own, where it would end the process, nor while others still use what the caller lent them.
                Interlocked.CompareExchange(ref _failure, exception, null);
            }

            Interlocked.Increment(ref _completed);
        }
    }

    private void Help()
    {
        int lastJob = 0;
        while (!_isStopping)
        {
            WaitForJobAfter(lastJob);
            lastJob = JobOf(Volatile.Read(ref _claim));
            ClaimParts();
        }
    }

    private void WaitForJobAfter(int lastJob)
    {
        for (int spins = 0; spins < SpinsBeforeParking; spins++)
        {
            if (JobOf(Volatile.Read(ref _claim)) != lastJob)
                return;
            Thread.SpinWait(10);
        }

        Interlocked.Increment(ref _parked);
        // A job published before the line above did not see this thread parked; it must not wait for the next one.
        if (JobOf(Volatile.Read(ref _claim)) == lastJob)
            _wake.Wait();
    }
}
