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
    public bool TryTake(int range, out int number)
    {
        for (int i = 0; i < Count; i++, range = range + 1 < Count ? range + 1 : 0)
        {
            int end = StartOf(range + 1);
            if (Volatile.Read(ref Next(range)) >= end)
                continue;
            number = Interlocked.Increment(ref Next(range)) - 1;
            if (number < end)
                return true;
        }

        number = 0;
        return false;
    }

    private int StartOf(int range) => (int)((long)_numbers * range / Count);

    private ref int Next(int range) => ref _next[(range + 1) * Stride];
}
