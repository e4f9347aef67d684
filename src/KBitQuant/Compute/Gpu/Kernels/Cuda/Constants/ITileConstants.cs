using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;

/// <summary>How a lane reads the constants (or offsets) of its two rows in a tile.</summary>
/// <typeparam name="TRaw">The four of them, in registers, as stored.</typeparam>
internal interface ITileConstants<TRaw>
    where TRaw : unmanaged
{
    /// <summary>Bytes of one.</summary>
    int Size { get; }

    /// <summary>Loads the four.</summary>
    TRaw Load(long address);

    /// <summary>Loads the two of a chunk, to where those of the first chunk are.</summary>
    TRaw LoadChunk(long address);

    /// <summary>Begins to copy two from global to shared memory.</summary>
    void BeginCopyOfTwo(uint destination, long source);

    /// <summary>As <see cref="Load"/>, from shared memory.</summary>
    TRaw LoadShared(uint address);

    /// <summary>As <see cref="LoadChunk"/>, from shared memory.</summary>
    TRaw LoadSharedChunk(uint address);

    /// <summary>One constant of a row in a chunk, from shared memory.</summary>
    float LoadSharedOne(uint address);

    /// <summary>Rows g and g + 8 in the first chunk.</summary>
    Floats2 FirstChunk(TRaw raw);

    /// <summary>Rows g and g + 8 in the second chunk.</summary>
    Floats2 SecondChunk(TRaw raw);
}
