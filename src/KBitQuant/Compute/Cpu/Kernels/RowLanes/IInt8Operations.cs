namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>What an instruction set does with the row-lane layout and inputs of 8 bits, for one k.</summary>
internal unsafe interface IInt8Operations
{
    /// <summary>Whether it takes inputs and panels as words (<see cref="Int8Inputs"/>).</summary>
    static abstract bool TakesWords { get; }

    /// <summary>y += the product of a row group with one input row, without the offsets.</summary>
    /// <param name="block">The groups.</param>
    /// <param name="group">Which.</param>
    /// <param name="x">A tile of one row.</param>
    /// <param name="inputs">What turns the sums of each block of inputs into values.</param>
    /// <param name="y">16 sums.</param>
    static abstract void Gemv(in Int8Block block, int group, byte* x, Int8InputBlock* inputs, float* y);

    /// <summary>Decodes units of one row group to levels, a step after the other, each <see cref="RowLaneBlock.PanelRows"/> dwords after
    /// the one before.</summary>
    /// <param name="block">The groups.</param>
    /// <param name="group">Which.</param>
    /// <param name="firstUnit">The first unit.</param>
    /// <param name="unitCount">How many.</param>
    /// <param name="panel">Receives the group's 16 dwords of the first step.</param>
    static abstract void DecodePanel(in Int8Block block, int group, int firstUnit, int unitCount, byte* panel);

    /// <summary>sums += a tile of four input rows times a decoded panel of 32 weight rows, without the offsets.</summary>
    /// <param name="panel">The panel.</param>
    /// <param name="x">The tile, from the panel's first column on.</param>
    /// <param name="inputs">[block][4], from the panel's first block on.</param>
    /// <param name="sums">[4][32].</param>
    static abstract void Multiply4(in Int8Panel panel, byte* x, Int8InputBlock* inputs, float* sums);
}
