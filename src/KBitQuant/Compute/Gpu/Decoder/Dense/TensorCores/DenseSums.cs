using ILGPU;
using KBitQuant.Compute.Gpu.Decoder.Panels;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Dense.TensorCores;

/// <summary>A lane's part of the sums of a warp of <see cref="DenseTensorTileKernel{TWeight}"/>: 64 input rows by 64 weight rows.</summary>
internal struct DenseSums
{
    public TensorSums Rows0;
    public TensorSums Rows16;
    public TensorSums Rows32;
    public TensorSums Rows48;

    /// <summary>These + inputs * weights of 64 columns.</summary>
    /// <param name="inputs">Where the lane reads the inputs of a panel.</param>
    /// <param name="weights">Where it reads the weights.</param>
    public readonly DenseSums PlusProducts<TWeight>(uint inputs, uint weights)
        where TWeight : struct, IDenseTensorWeight => PlusProduct<TWeight>(inputs, weights)
            .PlusProduct<TWeight>(inputs ^ TensorPanel.Columns16, weights ^ TensorPanel.Columns16)
            .PlusProduct<TWeight>(inputs ^ (2 * TensorPanel.Columns16), weights ^ (2 * TensorPanel.Columns16))
            .PlusProduct<TWeight>(inputs ^ (3 * TensorPanel.Columns16), weights ^ (3 * TensorPanel.Columns16));

    /// <summary>Adds the bias and stores what lies within the output.</summary>
    /// <param name="arguments">The product.</param>
    /// <param name="firstM">The warp's first input row.</param>
    /// <param name="firstN">Its first weight row.</param>
    public readonly void Write(DenseTensorArguments arguments, int firstM, int firstN)
    {
        Write(arguments, Rows0, firstM, firstN);
        Write(arguments, Rows16, firstM + 16, firstN);
        Write(arguments, Rows32, firstM + 32, firstN);
        Write(arguments, Rows48, firstM + 48, firstN);
    }

    private readonly DenseSums PlusProduct<TWeight>(uint inputs, uint weights)
        where TWeight : struct, IDenseTensorWeight
    {
        TensorColumns columns = TensorColumns.Load(weights);
        return new()
        {
            Rows0 = default(TWeight).AddProduct(Rows0, PtxMemory.LoadMatrices(inputs), columns),
            Rows16 = default(TWeight).AddProduct(Rows16, PtxMemory.LoadMatrices(inputs + TensorPanel.Rows16), columns),
            Rows32 = default(TWeight).AddProduct(Rows32, PtxMemory.LoadMatrices(inputs + (2 * TensorPanel.Rows16)), columns),
            Rows48 = default(TWeight).AddProduct(Rows48, PtxMemory.LoadMatrices(inputs + (3 * TensorPanel.Rows16)), columns),
        };
    }

    private static void Write(DenseTensorArguments arguments, TensorSums sums, int firstM, int firstN)
    {
        int lane = Group.IdxX & 31;
        int n = firstN + ((lane & 3) * 2);
        int upper = firstM + (lane >> 2);
        int lower = upper + 8;
        int columns = arguments.N - firstN;
        if (arguments.Bias != 0)
            sums = sums.PlusColumns(arguments.Bias + ((long)n * sizeof(float)), columns);
        int upperColumns = upper < arguments.M ? columns : 0;
        int lowerColumns = lower < arguments.M ? columns : 0;
        if (arguments.IsSingle != 0)
            sums.StoreSingles(arguments.AddressOf(upper, n), upperColumns, arguments.AddressOf(lower, n), lowerColumns);
        else
            sums.Store(arguments.AddressOf(upper, n), upperColumns, arguments.AddressOf(lower, n), lowerColumns);
    }
}
