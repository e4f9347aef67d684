using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Dense.TensorCores;

/// <summary>What a lane of <see cref="DenseTensorVectorKernel{TWeight}"/> has of its warp's 128 columns, all of it asked for at once:
/// 8 columns of every 32, of two weight rows.</summary>
internal struct DenseQuads
{
    /// <summary>Columns of a lane, of every <see cref="QuadColumns"/>.</summary>
    public const int LaneColumns = 8;

    /// <summary>Columns of the four lanes of a row.</summary>
    public const int QuadColumns = 4 * LaneColumns;

    /// <summary>Columns of a warp.</summary>
    public const int WarpColumns = 4 * QuadColumns;

    public Words4 Upper0;
    public Words4 Upper1;
    public Words4 Upper2;
    public Words4 Upper3;
    public Words4 Lower0;
    public Words4 Lower1;
    public Words4 Lower2;
    public Words4 Lower3;

    /// <summary>Loads; past the last column the last ones once more.</summary>
    /// <param name="upper">The address of the first weight row.</param>
    /// <param name="lower">The address of the second one.</param>
    /// <param name="column">The lane's first column.</param>
    /// <param name="columns">The columns of a row, a multiple of 8.</param>
    public static DenseQuads Load(long upper, long lower, int column, int columns)
    {
        int last = columns - LaneColumns;
        long at0 = IntrinsicMath.Min(column, last) * (long)sizeof(ushort);
        long at1 = IntrinsicMath.Min(column + QuadColumns, last) * (long)sizeof(ushort);
        long at2 = IntrinsicMath.Min(column + (2 * QuadColumns), last) * (long)sizeof(ushort);
        long at3 = IntrinsicMath.Min(column + (3 * QuadColumns), last) * (long)sizeof(ushort);
        return new()
        {
            Upper0 = PtxMemory.LoadOnce4(upper + at0),
            Upper1 = PtxMemory.LoadOnce4(upper + at1),
            Upper2 = PtxMemory.LoadOnce4(upper + at2),
            Upper3 = PtxMemory.LoadOnce4(upper + at3),
            Lower0 = PtxMemory.LoadOnce4(lower + at0),
            Lower1 = PtxMemory.LoadOnce4(lower + at1),
            Lower2 = PtxMemory.LoadOnce4(lower + at2),
            Lower3 = PtxMemory.LoadOnce4(lower + at3),
        };
    }

    /// <summary>Sums + these * inputs.</summary>
    /// <param name="sums">16 weight rows by 8 input rows.</param>
    /// <param name="input">The address of the lane's input row.</param>
    /// <param name="column">The lane's first column.</param>
    /// <param name="columns">The columns of a row; 0 where there is no such input row.</param>
    public readonly Floats4 AddProducts<TWeight>(Floats4 sums, long input, int column, int columns)
        where TWeight : struct, IDenseTensorWeight
    {
        Words4 inputs0 = LoadInputs(input, column, columns);
        Words4 inputs1 = LoadInputs(input, column + QuadColumns, columns);
        Words4 inputs2 = LoadInputs(input, column + (2 * QuadColumns), columns);
        Words4 inputs3 = LoadInputs(input, column + (3 * QuadColumns), columns);
        sums = AddProduct<TWeight>(sums, Upper0, Lower0, inputs0);
        sums = AddProduct<TWeight>(sums, Upper1, Lower1, inputs1);
        sums = AddProduct<TWeight>(sums, Upper2, Lower2, inputs2);
        return AddProduct<TWeight>(sums, Upper3, Lower3, inputs3);
    }

    private static Words4 LoadInputs(long input, int column, int columns) =>
        PtxMemory.LoadIf4(input + (column * (long)sizeof(ushort)), column < columns ? 1u : 0u);

    private static Floats4 AddProduct<TWeight>(Floats4 sums, Words4 upper, Words4 lower, Words4 inputs)
        where TWeight : struct, IDenseTensorWeight
    {
        sums = default(TWeight).AddProduct(sums, new Words4 { X = upper.X, Y = lower.X, Z = upper.Y, W = lower.Y }, inputs.Low);
        return default(TWeight).AddProduct(sums, new Words4 { X = upper.Z, Y = lower.Z, Z = upper.W, W = lower.W }, inputs.High);
    }
}
