namespace KBitQuant.GpuBench;

/// <summary>What quantizing a tensor on the device, or dequantizing it, took.</summary>
/// <param name="Microseconds">The median time.</param>
/// <param name="GigabytesPerSecond">Bytes read and written over the time.</param>
internal sealed record QuantizationTiming(double Microseconds, double GigabytesPerSecond);
