using KBitQuant.Compute.Gpu.Cuda;

namespace KBitQuant.Compute.Gpu.Decoder.Rotary;

/// <summary><see cref="RotaryArguments"/> with addresses of global memory: the parameter of <see cref="RotaryPassKernel"/>, and part of that
/// of attention for one token.</summary>
internal struct RotaryAddresses
{
    public long Step;
    public long Queries;

    /// <summary>The first key.</summary>
    public long Keys;

    /// <summary>The first value.</summary>
    public long Values;

    public long Cosines;
    public long Sines;
    public long Rotated;
    public long CachedKeys;
    public long CachedValues;
    public int QueryStride;
    public int KeyStride;
    public int HeadStride;
    public int HeadCount;
    public int KeyValueHeadCount;
    public int HeadSize;
    public int PairCount;
    public int Capacity;
    public int Tokens;
    public float Scale;

    /// <summary>The same, as addresses.</summary>
    public static RotaryAddresses Of(RotaryArguments arguments) => new()
    {
        Step = CudaAddress.Of(arguments.Step),
        Queries = CudaAddress.Of(arguments.Queries),
        Keys = CudaAddress.Of(arguments.Keys) + (arguments.KeyOffset * sizeof(ushort)),
        Values = CudaAddress.Of(arguments.Values) + (arguments.ValueOffset * sizeof(ushort)),
        Cosines = CudaAddress.Of(arguments.Cosines),
        Sines = CudaAddress.Of(arguments.Sines),
        Rotated = CudaAddress.Of(arguments.Rotated),
        CachedKeys = CudaAddress.Of(arguments.CachedKeys),
        CachedValues = CudaAddress.Of(arguments.CachedValues),
        QueryStride = arguments.QueryStride,
        KeyStride = arguments.KeyStride,
        HeadStride = arguments.HeadStride,
        HeadCount = arguments.HeadCount,
        KeyValueHeadCount = arguments.KeyValueHeadCount,
        HeadSize = arguments.HeadSize,
        PairCount = arguments.PairCount,
        Capacity = arguments.Capacity,
        Tokens = arguments.Tokens,
        Scale = arguments.Scale,
    };

    /// <summary>Units of a head: of two times 8 elements that are turned, then of 8 that are not.</summary>
    public readonly int UnitCount => (HeadSize - PairCount) / RotaryPassKernel.Unit;

    /// <summary>Whether a unit is turned.</summary>
    public readonly bool IsPair(int unit) => unit * RotaryPassKernel.Unit < PairCount;

    /// <summary>The first element of a unit.</summary>
    public readonly int FirstOf(int unit) => (unit * RotaryPassKernel.Unit) + (IsPair(unit) ? 0 : PairCount);

    /// <summary>The first of those that it turns with.</summary>
    public readonly int SecondOf(int unit) => (unit * RotaryPassKernel.Unit) + PairCount;
}
