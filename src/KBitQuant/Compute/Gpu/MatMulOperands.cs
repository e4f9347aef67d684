using ILGPU;

namespace KBitQuant.Compute.Gpu;

/// <summary>What a matmul kernel reads and writes beside the weight, on the device.</summary>
/// <typeparam name="TStorage">What holds an element: 16-bit ones are carried as their bits.</typeparam>
internal struct MatMulOperands<TStorage>
    where TStorage : unmanaged
{
    /// <summary>The inputs, [M, K].</summary>
    public ArrayView<TStorage> X;

    /// <summary>The outputs, [M, N].</summary>
    public ArrayView<TStorage> Y;

    /// <summary>N values, where <see cref="HasBias"/> is 1.</summary>
    public ArrayView<float> Bias;

    /// <summary>0 or 1.</summary>
    public int HasBias;

    /// <summary>Rows of inputs and outputs.</summary>
    public int M;

    /// <summary>Rows of the weight.</summary>
    public int N;

    /// <summary>Columns of the weight.</summary>
    public int K;
}
