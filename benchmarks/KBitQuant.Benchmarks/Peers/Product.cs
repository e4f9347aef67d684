namespace KBitQuant.Benchmarks.Peers;

/// <summary>The products of the same inputs with several copies of a weight, ready to run.</summary>
internal abstract class Product : IDisposable
{
    /// <summary>What else to know of how it is done; empty where the format says it.</summary>
    public virtual string Remark => "";

    /// <summary>Runs one product with each copy.</summary>
    public abstract void Run();

    /// <summary>The output of the first copy after a run, [M, N].</summary>
    public abstract void CopyOutput(float[] destination);

    public abstract void Dispose();
}
