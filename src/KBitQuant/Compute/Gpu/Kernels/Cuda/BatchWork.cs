namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>A product of a batch.</summary>
/// <param name="Units">Units of the weight that hold rows.</param>
/// <param name="Slices">Slices of a unit.</param>
/// <param name="Columns">Input rows of a group: 8, 16, 32 or 64.</param>
/// <param name="Batches">How many times so many input rows there are.</param>
internal readonly record struct BatchWork(int Units, int Slices, int Columns, int Batches);
