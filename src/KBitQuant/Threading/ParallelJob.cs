namespace KBitQuant.Threading;

/// <summary>Work in independent parts. Jobs are objects that callers keep and fill anew for each call, so that running one
/// allocates nothing. Where parts throw, the caller gets the first exception, when none is running.</summary>
internal abstract class ParallelJob
{
    /// <summary>Does one part; called from several threads at once.</summary>
    public abstract void RunPart(int part);
}
