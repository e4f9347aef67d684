namespace KBitQuant.Compute.Benchmarking;

/// <summary>What a device can do at the moment: read weights from memory, multiply and add.</summary>
/// <param name="ReadGigabytes">GB/s (10^9 bytes) of reading memory that is in no cache.</param>
/// <param name="GigaFlops">GFLOP/s of the multiply-adds that its products are made of, on registers.</param>
internal sealed record Ceilings(double ReadGigabytes, double GigaFlops);
