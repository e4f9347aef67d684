namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>What an instruction set does with the row-lane layout and inputs of 8 bits, for one k.</summary>
internal unsafe interface IInt8Operations
{
    /// <summary>Whether it takes its inputs as words (<see cref="Int8Inputs"/>).</summary>
    static abstract bool TakesWords { get; }

    /// <summary>The product of four row groups with one input row.</summary>
    /// <param name="block">The groups.</param>
    /// <param name="x">The quantized inputs.</param>
    /// <param name="inputs">What turns the sums of each block of inputs into values.</param>
    /// <param name="y">Receives 64 outputs.</param>
    static abstract void Gemv(in Int8Block block, byte* x, Int8InputBlock* inputs, float* y);

    /// <summary>Decodes a block of columns of one row group to levels, a quad after the other, each
    /// <see cref="RowLaneBlock.PanelRows"/> dwords after the one before.</summary>
    /// <param name="block">The groups.</param>
    /// <param name="group">Which.</param>
    /// <param name="inputBlock">Which block of columns.</param>
    /// <param name="panel">Receives the group's 16 dwords of the first quad.</param>
    static abstract void DecodePanel(in Int8Block block, int group, int inputBlock, byte* panel);

    /// <summary>sums += four input rows times a decoded panel of 32 weight rows, over some blocks of columns.</summary>
    /// <param name="block">The panel's two groups.</param>
    /// <param name="firstBlock">The first block of columns.</param>
    /// <param name="blockCount">How many.</param>
    /// <param name="panel">[quad][32] dwords of levels.</param>
    /// <param name="x">The quantized inputs.</param>
    /// <param name="firstRow">The first of the four input rows; rows beyond the last repeat it.</param>
    /// <param name="sums">[4][32].</param>
    static abstract void Multiply4(in Int8Block block, int firstBlock, int blockCount, byte* panel, Int8Inputs x, int firstRow, float* sums);
}
