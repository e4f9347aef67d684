namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>How the groups of the streaming kernels divide a tensor. A warp takes a tile at a time: 1024 consecutive elements in four
/// chunks of 256, of each of which a lane has eight consecutive ones, so that the accesses of a warp lie side by side.</summary>
internal static class StreamGroup
{
    /// <summary>Threads of a group.</summary>
    public const int Size = 512;

    /// <summary>Warps of a group.</summary>
    public const int Warps = Size / 32;

    /// <summary>Groups that share a multiprocessor: 64 registers a thread.</summary>
    public const int PerMultiprocessor = 2;

    /// <summary>Elements of a chunk that a lane has.</summary>
    public const int LaneElements = 8;

    /// <summary>Elements of a chunk.</summary>
    public const int ChunkElements = 32 * LaneElements;

    /// <summary>Chunks of a tile.</summary>
    public const int Chunks = 4;

    /// <summary>Elements of a tile.</summary>
    public const int TileElements = Chunks * ChunkElements;
}
