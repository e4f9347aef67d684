namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>The parameter of the kernels that multiply. Addresses are of global memory.</summary>
internal struct DecodeArguments
{
    /// <summary>The codes, in <see cref="PackedLayout"/>.</summary>
    public long Codes;

    /// <summary>The constants.</summary>
    public long Constants;

    /// <summary>The offsets; any address where there are none.</summary>
    public long Offsets;

    /// <summary>The table's entries (<see cref="Tables.TableSource"/>).</summary>
    public long Table;

    /// <summary>Inputs, [M, K], at a multiple of 16 bytes.</summary>
    public long X;

    /// <summary>Outputs, [M, N].</summary>
    public long Y;

    /// <summary>N floats, where <see cref="HasBias"/> is 1.</summary>
    public long Bias;

    /// <summary>0 or 1.</summary>
    public int HasBias;

    /// <summary>What constants are multiplied with before they are rounded to elements: a power of two.</summary>
    public float ConstantScale;

    /// <summary>What offsets are multiplied with before that: the scale of the table comes on top.</summary>
    public float OffsetScale;

    /// <summary>What the sums of a batch are multiplied with.</summary>
    public float OutputScale;

    /// <summary>Where values are computed (<see cref="Values.EvenValues{TElement}"/>): what is subtracted.</summary>
    public float EvenOrigin;

    /// <summary>Where entries of two bits are multiplied as bytes: <see cref="Stationary.TwoBit.TwoBitTable.Bytes"/>.</summary>
    public uint ByteValues;

    /// <summary>Beside them, two halves of 1 (<see cref="Ptx.PtxBits.UpperHalf"/>).</summary>
    public uint HalfOnes;

    /// <summary>Rows of the inputs.</summary>
    public int M;

    /// <summary>Rows of the weight.</summary>
    public int N;

    /// <summary>Columns of the weight, a multiple of <see cref="PackedLayout.TileColumns"/>.</summary>
    public int K;

    /// <summary>Units of the weight that hold rows.</summary>
    public int Units;

    /// <summary>Units of the weight, padding included.</summary>
    public int PaddedUnits;

    /// <summary>Groups of a cluster, which divide the columns among them.</summary>
    public int ClusterSize;

    /// <summary>Strips of a part of a group, which divide the rows among them.</summary>
    public int Strips;

    /// <summary>Slices of a unit.</summary>
    public int Slices;

    /// <summary>Units whose partial sums shared memory holds at a time.</summary>
    public int RoundUnits;
}
