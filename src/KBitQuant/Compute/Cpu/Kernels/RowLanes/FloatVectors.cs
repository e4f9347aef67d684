using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Some weights, or sums of their products, in registers, as a type: a loop is written once for all widths. Sums are changed in place, so
/// that the compiler keeps each in its register.</summary>
internal unsafe interface ISums<TSelf>
    where TSelf : struct, ISums<TSelf>
{
    /// <summary>this += weights * inputs[first], or the inputs from there on where weights of a row are side by side.</summary>
    void AddProduct(TSelf weights, float* inputs, int first);

    /// <summary>sums += this * scale.</summary>
    void AddTo(float* sums, TSelf scale);
}

/// <summary>Sums of which each is a float.</summary>
internal unsafe interface IFloatVector<TSelf> : ISums<TSelf>
    where TSelf : struct, IFloatVector<TSelf>
{
    /// <summary>Floats.</summary>
    static abstract int Count { get; }

    static abstract TSelf Load(float* from);

    static abstract TSelf Create(float value);
}

/// <summary>A register of any processor.</summary>
internal unsafe struct Floats8 : IFloatVector<Floats8>
{
    private Vector256<float> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Floats8(Vector256<float> value) => _value = value;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Load(float* from) => new(Vector256.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Create(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddProduct(Floats8 weights, float* inputs, int first) => _value = Vector256.MultiplyAddEstimate(weights._value, Vector256.Create(inputs[first]), _value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTo(float* sums, Floats8 scale) => Vector256.MultiplyAddEstimate(_value, scale._value, Vector256.Load(sums)).Store(sums);
}

/// <summary>A register of AVX-512.</summary>
internal unsafe struct Floats16 : IFloatVector<Floats16>
{
    private Vector512<float> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Floats16(Vector512<float> value) => _value = value;

    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Load(float* from) => new(Avx512F.LoadVector512(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Create(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddProduct(Floats16 weights, float* inputs, int first) => _value = Avx512F.FusedMultiplyAdd(weights._value, Vector512.Create(inputs[first]), _value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTo(float* sums, Floats16 scale) => Avx512F.FusedMultiplyAdd(_value, scale._value, Avx512F.LoadVector512(sums)).Store(sums);
}

/// <summary>Two registers side by side.</summary>
internal unsafe struct Two<TVector> : IFloatVector<Two<TVector>>
    where TVector : struct, IFloatVector<TVector>
{
    public TVector Low;
    public TVector High;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Two(TVector low, TVector high) => (Low, High) = (low, high);

    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * TVector.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TVector> Load(float* from) => new(TVector.Load(from), TVector.Load(from + TVector.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TVector> Create(float value) => new(TVector.Create(value), TVector.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddProduct(Two<TVector> weights, float* inputs, int first)
    {
        Low.AddProduct(weights.Low, inputs, first);
        High.AddProduct(weights.High, inputs, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddTo(float* sums, Two<TVector> scale)
    {
        Low.AddTo(sums, scale.Low);
        High.AddTo(sums + TVector.Count, scale.High);
    }
}
