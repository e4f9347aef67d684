namespace KBitQuant.Compute.Benchmarking;

/// <summary>How exactly a kernel computes.</summary>
/// <param name="TableRoundoff">The unit roundoff to which it rounds table entries first; 0 where it does not.</param>
/// <param name="Activations">The precision in which it takes its inputs.</param>
internal readonly record struct KernelPrecision(double TableRoundoff, ActivationPrecision Activations);
