namespace KBitQuant.Transformers.Models.Layers;

/// <summary>Runs independent parts of work on the thread pool where they are worth it.</summary>
internal static class ParallelWork
{
    /// <summary>Runs parts 0 to <paramref name="count"/> - 1.</summary>
    /// <param name="count">How many parts.</param>
    /// <param name="worth">How many threads' worth of work there is; below 2, the caller's thread does it all.</param>
    /// <param name="body">Does one part.</param>
    public static void For(int count, long worth, Action<int> body)
    {
        if (worth < 2 || count < 2)
        {
            for (int part = 0; part < count; part++)
                body(part);
            return;
        }

        int threads = (int)Math.Min(worth, Environment.ProcessorCount);
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, body);
    }
}
