namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>What <see cref="TileProduct"/> multiplies: y = x W^T, x [M, K], W [N, K], y [M, N].</summary>
internal interface ITileOperands
{
    int M { get; }

    int N { get; }

    int K { get; }

    /// <summary>An element of the weight.</summary>
    /// <param name="n">Its row, below N.</param>
    /// <param name="k">Its column, below K.</param>
    float Weight(int n, int k);

    /// <summary>An input.</summary>
    /// <param name="m">Its row, below M.</param>
    /// <param name="k">Its column, below K.</param>
    float Input(int m, int k);

    /// <summary>Stores an output, with whatever is added to it.</summary>
    /// <param name="m">Its row, below M.</param>
    /// <param name="n">Its column, below N.</param>
    /// <param name="sum">The sum of the products.</param>
    void Write(int m, int n, float sum);
}
