namespace KBitQuant.Threading;

/// <summary>Work in independent parts. Jobs are objects that callers keep and fill anew for each call, so that running one
/// allocates nothing. Parts must not throw: they note what went wrong, and the caller throws.</summary>
internal abstract class ParallelJob
{
    /// <summary>Does one part; called from several threads at once.</summary>
    public abstract void RunPart(int part);
}
