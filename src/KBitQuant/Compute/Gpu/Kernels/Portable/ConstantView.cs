using ILGPU;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>Constants or offsets on a device, in the format that they are stored in.</summary>
internal struct ConstantView
{
    /// <summary>They are halves.</summary>
    public const int Halves = 0;

    /// <summary>They are BFloat16.</summary>
    public const int BFloat16s = 1;

    /// <summary>They are floats.</summary>
    public const int Singles = 2;

    /// <summary>Where they are, if they have 16 bits.</summary>
    public ArrayView<ushort> Shorts;

    /// <summary>Where they are, if they have 32 bits.</summary>
    public ArrayView<float> Floats;

    /// <summary>The format.</summary>
    public int Kind;

    /// <summary>The largest finite value of the format.</summary>
    public float Largest;

    /// <summary>The kind that stands for a format.</summary>
    public static int KindOf(ConstantFormat format) =>
        format == ConstantFormat.Float16 ? Halves : format == ConstantFormat.BFloat16 ? BFloat16s : Singles;

    /// <summary>The value of a block.</summary>
    public readonly float Read(long index) => Kind == Singles ? Floats[index] : Widen(Shorts[index]);

    /// <summary>Rounds a finite value to the format: to the nearest, ties to even; beyond the range to the largest.</summary>
    public readonly float Round(float value)
    {
        float clamped = IntrinsicMath.Max(IntrinsicMath.Min(value, Largest), -Largest);
        return Kind == Singles ? clamped : Widen(Narrow(clamped));
    }

    /// <summary>Stores a value of the format.</summary>
    public readonly void Write(long index, float value)
    {
        if (Kind == Singles)
            Floats[index] = value;
        else
            Shorts[index] = Narrow(value);
    }

    private readonly ushort Narrow(float value) => Kind == Halves ? default(HalfElement).Round(value) : default(BFloat16Element).Round(value);

    private readonly float Widen(ushort bits) => Kind == Halves ? default(HalfElement).Widen(bits) : default(BFloat16Element).Widen(bits);
}
