namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>What a block of an input row brings to a dot product of levels and quantized inputs: the value is
/// constant * Scale * (dot + Start).</summary>
/// <param name="Start">What dot products start from: minus the level of the value 0, times the sum of the quantized inputs.</param>
/// <param name="Scale">The inputs' scale times the table's step.</param>
internal readonly record struct Int8InputBlock(int Start, float Scale);
