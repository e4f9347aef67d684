namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>The inner product loop: a tile of input rows times a decoded panel of 32 weight rows.</summary>
internal unsafe interface IPanelTile
{
    /// <summary>sums += x^T panel for 8 input rows.</summary>
    /// <param name="panel">[columns][32]: decoded weights.</param>
    /// <param name="x">[columns][8]: inputs.</param>
    /// <param name="sums">[8][32].</param>
    /// <param name="columns">Columns to go through.</param>
    static abstract void Multiply8(float* panel, float* x, float* sums, int columns);

    /// <summary>The same for 4 input rows: x is [columns][4], sums [4][32].</summary>
    static abstract void Multiply4(float* panel, float* x, float* sums, int columns);
}
