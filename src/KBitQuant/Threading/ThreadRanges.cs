namespace KBitQuant.Threading;

/// <summary>
/// An order of parts in which threads that take them by turns go through a range each: what a thread reads goes on from part to part,
/// and what was fetched ahead at the end of one is the beginning of the next.
/// </summary>
/// <param name="Count">Parts.</param>
/// <param name="Threads">Threads, at least 1.</param>
internal readonly record struct ThreadRanges(int Count, int Threads)
{
    /// <summary>Which part is the one that is taken as number <paramref name="turn"/>.</summary>
    public int PlaceOf(int turn)
    {
        (int inRange, int range) = Math.DivRem(turn, Threads);
        return (range * (Count / Threads)) + Math.Min(range, Count % Threads) + inRange;
    }
}
