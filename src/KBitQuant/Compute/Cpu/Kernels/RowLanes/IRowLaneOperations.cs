namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>What an instruction set does with the row-lane layout, for one k.</summary>
internal unsafe interface IRowLaneOperations
{
    /// <summary>Row groups that <see cref="Gemv"/> takes: 1 or 4.</summary>
    static abstract int GemvGroups { get; }

    /// <summary>y += the product of row groups with one input row, without the offsets.</summary>
    /// <param name="block"><see cref="GemvGroups"/> groups.</param>
    /// <param name="x">K inputs.</param>
    /// <param name="y">16 sums for each group.</param>
    static abstract void Gemv(in RowLaneBlock block, float* x, float* y);

    /// <summary>Decodes units of one row group to constant * table[code] + offset, a column after the other, each
    /// <see cref="RowLaneBlock.PanelRows"/> floats after the one before.</summary>
    /// <param name="block">The block with the group.</param>
    /// <param name="group">The group within the block.</param>
    /// <param name="firstUnit">The first unit.</param>
    /// <param name="unitCount">How many.</param>
    /// <param name="panel">Receives the group's 16 lanes of the first column.</param>
    static abstract void DecodePanel(in RowLaneBlock block, int group, int firstUnit, int unitCount, float* panel);
}
