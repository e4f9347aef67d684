namespace KBitQuant.Threading;

/// <summary>
/// Numbers from 0 on, divided among threads: each goes through a range of its own, so that what it reads goes on from one number to the next,
/// and what was fetched ahead is used. A thread that is through goes on in the others' ranges: all are done at about the same time, and one that
/// is alone does everything in order.
/// </summary>
internal sealed class ThreadRanges
{
    /// <summary>From counter to counter: those of two threads share no cache line, nor a pair of lines that are fetched together.</summary>
    private const int Stride = 32;

    /// <summary>A thread leaves all but one in so many of what is left: where another one helps, both are done at about the same time.</summary>
    private const int Shares = 4;

    private int[] _next = [];
    private int _numbers;

    /// <summary>Ranges.</summary>
    public int Count { get; private set; }

    /// <summary>Divides anew.</summary>
    /// <param name="numbers">How many.</param>
    /// <param name="threads">Threads, at least 1.</param>
    public void Divide(int numbers, int threads)
    {
        (_numbers, Count) = (numbers, threads);
        if (_next.Length < (threads + 1) * Stride)
            _next = new int[(threads + 1) * Stride];
        for (int range = 0; range < threads; range++)
            Next(range) = StartOf(range);
    }

    /// <summary>Takes the next number of a range, or of another if none is left.</summary>
    public bool TryTake(int range, out int number) => TryTake(range, 1, out number, out _);

    /// <summary>Takes some numbers in a row, of a range or of another if none is left: fewer towards its end, where another thread may help.</summary>
    /// <param name="range">The thread's own range.</param>
    /// <param name="most">The most numbers to take, at least 1.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many.</param>
    public bool TryTake(int range, int most, out int first, out int count)
    {
        for (int i = 0; i < Count; i++, range = range + 1 < Count ? range + 1 : 0)
        {
            int end = StartOf(range + 1);
            first = Volatile.Read(ref Next(range));
            while (first < end)
            {
                count = Math.Clamp((end - first) / Shares, 1, most);
                int seen = Interlocked.CompareExchange(ref Next(range), first + count, first);
                if (seen == first)
                    return true;
                first = seen;
            }
        }

        first = count = 0;
        return false;
    }

    private int StartOf(int range) => (int)((long)_numbers * range / Count);

    private ref int Next(int range) => ref _next[(range + 1) * Stride];
}
