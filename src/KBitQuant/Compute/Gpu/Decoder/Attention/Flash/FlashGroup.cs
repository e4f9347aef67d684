using KBitQuant.Compute.Gpu.Decoder.Panels;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.Flash;

/// <summary>A group of <see cref="FlashAttentionKernel{TIsWide}"/>.</summary>
internal static class FlashGroup
{
    /// <summary>The largest head, in elements.</summary>
    public const int MaxHeadSize = 2 * TensorPanel.Columns;

    /// <summary>Threads.</summary>
    public const int Size = 256;

    /// <summary>Query rows of a warp.</summary>
    public const int WarpRows = 16;

    /// <summary>Query rows.</summary>
    public const int Rows = Size / 32 * WarpRows;

    /// <summary>Positions of a tile.</summary>
    public const int TilePositions = TensorPanel.Columns;

    // A tile: a panel of keys, [element][position]; two of values, [position][element]. Where the second tile will be are first
    // two of queries, [row][element].

    /// <summary>Bytes of a tile's keys.</summary>
    public const int KeyBytes = MaxHeadSize * TensorPanel.RowBytes;

    /// <summary>Bytes of a panel of a tile's values.</summary>
    public const int ValueBytes = TilePositions * TensorPanel.RowBytes;

    /// <summary>Bytes of a tile.</summary>
    public const int TileBytes = KeyBytes + (2 * ValueBytes);

    /// <summary>Bytes of a panel of queries.</summary>
    public const int QueryBytes = Rows * TensorPanel.RowBytes;

    /// <summary>Bytes of shared memory: two tiles, and what it takes to begin at a multiple of a row of panels.</summary>
    public const int SharedBytes = (2 * TileBytes) + TensorPanel.RowBytes;
}
