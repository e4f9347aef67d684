namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>How the groups of the streaming kernels divide a tensor. A warp takes a tile at a time: 1024 consecutive elements in four
/// chunks of 256, of each of which a lane has eight consecutive ones, so that the accesses of a warp lie side by side.</summary>
internal static class StreamGroup
{
    /// <summary>Threads of a group.</summary>
    public const int Size = 512;

    /// <summary>Warps of a group.</summary>
    public const int Warps = Size / 32;

    /// <summary>Elements of a chunk that a lane has.</summary>
    public const int LaneElements = 8;

    /// <summary>Elements of a chunk.</summary>
    public const int ChunkElements = 32 * LaneElements;

    /// <summary>Chunks of a tile.</summary>
    public const int Chunks = 4;

    /// <summary>Elements of a tile.</summary>
    public const int TileElements = Chunks * ChunkElements;

    /// <summary>Groups that share a multiprocessor: of 16-bit elements two, with 64 registers a thread, which 32-bit ones exceed.</summary>
    /// <param name="elementBytes">Bytes of an element.</param>
    public static int PerMultiprocessor(int elementBytes) => elementBytes == 2 ? 2 : 1;
}
