namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>What a block of quantized inputs brings to a dot product of levels and inputs: the value is
/// constant * ScaledStep * (dot - ZeroTerm) + offset * ScaledSum.</summary>
/// <param name="ScaledStep">The inputs' scale times the table's step.</param>
/// <param name="ZeroTerm">The level of the value 0 times the sum of the quantized inputs.</param>
/// <param name="ScaledSum">The inputs' scale times the sum of the quantized inputs.</param>
internal readonly record struct Int8InputBlock(float ScaledStep, float ZeroTerm, float ScaledSum);
