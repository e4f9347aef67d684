namespace KBitQuant.Benchmarks.Peers;

/// <summary>A library that takes part in the comparison. Making one loads it.</summary>
internal abstract class Peer
{
    /// <summary>The library's name.</summary>
    public abstract string Name { get; }

    /// <summary>Its version.</summary>
    public abstract string Version { get; }

    /// <summary>The formats of weights that it multiplies by.</summary>
    public abstract IReadOnlyList<PeerFormat> Formats { get; }

    /// <summary>How long its threads may keep processors busy after a product.</summary>
    public virtual TimeSpan SpinTime => TimeSpan.Zero;
}
