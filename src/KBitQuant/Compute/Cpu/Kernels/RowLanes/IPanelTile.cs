namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>The inner product loop: a tile of input rows times a decoded panel of 32 weight rows.</summary>
internal unsafe interface IPanelTile
{
    /// <summary>The blocking that suits the tile.</summary>
    static abstract PanelBlocking Blocking { get; }

    /// <summary>sums += x^T panel for a tall tile of input rows.</summary>
    /// <param name="panel">[columns][32]: decoded weights.</param>
    /// <param name="x">[columns][<see cref="PanelBlocking.TallRows"/>]: inputs.</param>
    /// <param name="sums">[<see cref="PanelBlocking.TallRows"/>][32].</param>
    /// <param name="columns">Columns to go through.</param>
    static abstract void MultiplyTall(float* panel, float* x, float* sums, int columns);

    /// <summary>The same for a short tile: x is [columns][4], sums [4][32].</summary>
    static abstract void MultiplyShort(float* panel, float* x, float* sums, int columns);
}
