using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Panels;

/// <summary>A lane's part of 16 by 64 columns as operands B, 8 columns each.</summary>
internal struct TensorColumns
{
    public Words2 Columns0;
    public Words2 Columns8;
    public Words2 Columns16;
    public Words2 Columns24;
    public Words2 Columns32;
    public Words2 Columns40;
    public Words2 Columns48;
    public Words2 Columns56;

    /// <summary>From 64 rows of a panel, each of which is a column.</summary>
    /// <param name="at">Where the lane reads the first 16 (<see cref="TensorPanel.LaneOffset"/>).</param>
    public static TensorColumns Load(uint at)
    {
        Words4 rows0 = PtxMemory.LoadMatrices(at);
        Words4 rows16 = PtxMemory.LoadMatrices(at + TensorPanel.Rows16);
        Words4 rows32 = PtxMemory.LoadMatrices(at + (2 * TensorPanel.Rows16));
        Words4 rows48 = PtxMemory.LoadMatrices(at + (3 * TensorPanel.Rows16));
        return new()
        {
            Columns0 = new() { X = rows0.X, Y = rows0.Z },
            Columns8 = new() { X = rows0.Y, Y = rows0.W },
            Columns16 = new() { X = rows16.X, Y = rows16.Z },
            Columns24 = new() { X = rows16.Y, Y = rows16.W },
            Columns32 = new() { X = rows32.X, Y = rows32.Z },
            Columns40 = new() { X = rows32.Y, Y = rows32.W },
            Columns48 = new() { X = rows48.X, Y = rows48.Z },
            Columns56 = new() { X = rows48.Y, Y = rows48.W },
        };
    }

    /// <summary>From 16 rows of a panel, whose columns they are.</summary>
    /// <param name="at">Where the lane reads the first 16 columns.</param>
    public static TensorColumns LoadTransposed(uint at)
    {
        Words4 columns0 = PtxMemory.LoadTransposed(at);
        Words4 columns16 = PtxMemory.LoadTransposed(at ^ TensorPanel.Columns16);
        Words4 columns32 = PtxMemory.LoadTransposed(at ^ (2 * TensorPanel.Columns16));
        Words4 columns48 = PtxMemory.LoadTransposed(at ^ (3 * TensorPanel.Columns16));
        return new()
        {
            Columns0 = columns0.Low,
            Columns8 = columns0.High,
            Columns16 = columns16.Low,
            Columns24 = columns16.High,
            Columns32 = columns32.Low,
            Columns40 = columns32.High,
            Columns48 = columns48.Low,
            Columns56 = columns48.High,
        };
    }
}
