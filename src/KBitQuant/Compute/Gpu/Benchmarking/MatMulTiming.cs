namespace KBitQuant.Compute.Gpu.Benchmarking;

/// <summary>What a product took.</summary>
/// <param name="Cell">The product.</param>
/// <param name="KernelName">The kernel that computed it.</param>
/// <param name="Microseconds">The median time of one product.</param>
/// <param name="WeightGigabytesPerSecond">The bytes of the quantized weight, codes and constants, over the time.</param>
/// <param name="TeraflopsPerSecond">2 M N K over the time.</param>
/// <param name="ShareOfReadBandwidth">The weight's bytes a second over those that the device reads at most, as measured in the same run.</param>
/// <param name="RelativeError">The norm of the checked outputs' errors over the norm of the outputs.</param>
public sealed record MatMulTiming(
    MatMulCell Cell, string KernelName, double Microseconds, double WeightGigabytesPerSecond, double TeraflopsPerSecond, double ShareOfReadBandwidth, double RelativeError);
