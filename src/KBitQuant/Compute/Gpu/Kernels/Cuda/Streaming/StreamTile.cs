namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>A lane's part of a tile (<see cref="StreamGroup"/>).</summary>
/// <typeparam name="TChunk">Its part of a chunk.</typeparam>
internal struct StreamTile<TChunk>
    where TChunk : unmanaged
{
    public TChunk Chunk0;
    public TChunk Chunk1;
    public TChunk Chunk2;
    public TChunk Chunk3;
}
