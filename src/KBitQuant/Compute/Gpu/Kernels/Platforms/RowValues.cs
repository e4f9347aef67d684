using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels.Platforms;

/// <summary>A float for each of the four rows that a thread computes at a time.</summary>
internal struct RowValues
{
    /// <summary>The rows.</summary>
    public const int Count = 4;

    public float Row0;
    public float Row1;
    public float Row2;
    public float Row3;

    /// <summary>Reads them, <paramref name="stride"/> apart.</summary>
    public static RowValues Load(ArrayView<float> from, int at, int stride) => new()
    {
        Row0 = from[at],
        Row1 = from[at + stride],
        Row2 = from[at + (2 * stride)],
        Row3 = from[at + (3 * stride)],
    };

    /// <summary>Writes them, <paramref name="stride"/> apart.</summary>
    public readonly void Store(ArrayView<float> to, int at, int stride)
    {
        to[at] = Row0;
        to[at + stride] = Row1;
        to[at + (2 * stride)] = Row2;
        to[at + (3 * stride)] = Row3;
    }

    public readonly RowValues Times(RowValues other) => new()
    {
        Row0 = Row0 * other.Row0,
        Row1 = Row1 * other.Row1,
        Row2 = Row2 * other.Row2,
        Row3 = Row3 * other.Row3,
    };

    /// <summary>These + other * value.</summary>
    public readonly RowValues PlusProduct(RowValues other, float value) => new()
    {
        Row0 = Row0 + (other.Row0 * value),
        Row1 = Row1 + (other.Row1 * value),
        Row2 = Row2 + (other.Row2 * value),
        Row3 = Row3 + (other.Row3 * value),
    };

    /// <summary>Reads values a stride apart, of which the last one stands for those past it: all are read at once.</summary>
    public static RowValues LoadUpTo(ArrayView<float> from, int at, int stride, int last) => new()
    {
        Row0 = from[at],
        Row1 = from[IntrinsicMath.Min(at + stride, last)],
        Row2 = from[IntrinsicMath.Min(at + (2 * stride), last)],
        Row3 = from[IntrinsicMath.Min(at + (3 * stride), last)],
    };

    /// <summary>As the other, of halves.</summary>
    public static RowValues LoadUpTo<TPlatform>(ArrayView<ushort> from, int at, int stride, int last)
        where TPlatform : struct, IGpuPlatform
    {
        TPlatform platform = default;
        ushort half0 = from[at];
        ushort half1 = from[IntrinsicMath.Min(at + stride, last)];
        ushort half2 = from[IntrinsicMath.Min(at + (2 * stride), last)];
        ushort half3 = from[IntrinsicMath.Min(at + (3 * stride), last)];
        return new() { Row0 = platform.Widen(half0), Row1 = platform.Widen(half1), Row2 = platform.Widen(half2), Row3 = platform.Widen(half3) };
    }
}
