namespace KBitQuant.Benchmarks.Throughput;

/// <summary>A format's passes over the buffers.</summary>
internal interface IThroughputRow
{
    string Name { get; }

    /// <summary>Bytes of floats that <see cref="Quantize"/> reads.</summary>
    long QuantizedBytes { get; }

    void Quantize();

    /// <summary>Writes all destinations, from what the last pass of <see cref="Quantize"/> left; no other row's pass comes between.</summary>
    void Dequantize();

    /// <summary>The same to as many elements of 16 bits, or null.</summary>
    Action? DequantizeToHalf => null;

    /// <summary>Makes the kernel layout of a weight, or null.</summary>
    Action? Prepare => null;

    /// <summary>Canonical bytes that <see cref="Prepare"/> reads.</summary>
    long PreparedBytes => 0;
}
