using KBitQuant.Threading;

namespace KBitQuant.Benchmarks.Throughput;

/// <summary>A pass over the arrays of the buffers, in parts that all processors share.</summary>
/// <param name="partsOfArray">Parts of each array.</param>
/// <param name="run">Takes an array's number and a part's.</param>
internal sealed class PartsJob(int partsOfArray, Action<int, int> run) : ParallelJob
{
    public void Run() => Workers.Default.Run(this, ThroughputBuffers.Rotation * partsOfArray);

    public override void RunPart(int part) => run(part / partsOfArray, part % partsOfArray);
}
