using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Numerics;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>How a stored element is widened in registers.</summary>
/// <typeparam name="T">The element.</typeparam>
internal unsafe interface IDenseElement<T>
    where T : unmanaged
{
    /// <summary>16 elements as floats, exactly; they are finite.</summary>
    static abstract (Vector256<float> Lower, Vector256<float> Upper) Load16(T* from);
}

/// <summary>A float is read as it is.</summary>
internal sealed unsafe class DenseSingle : IDenseElement<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<float> Lower, Vector256<float> Upper) Load16(float* from) =>
        (Vector256.Load(from), Vector256.Load(from + Vector256<float>.Count));
}

/// <summary>A BFloat16 is the upper half of a float.</summary>
internal sealed unsafe class DenseBFloat16 : IDenseElement<BFloat16>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<float> Lower, Vector256<float> Upper) Load16(BFloat16* from)
    {
        (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.Load((ushort*)from));
        return ((lower << 16).AsSingle(), (upper << 16).AsSingle());
    }
}

/// <summary>A Half's exponent is moved to the bias of a float; subnormals, whose exponent is 0, get theirs from a subtraction, which is
/// exact. A multiplication would do both, but is slow on subnormals.</summary>
internal sealed unsafe class DenseHalf : IDenseElement<Half>
{
    private const int MantissaShift = 23 - 10;
    private const int Magnitude = 0x7FFF << MantissaShift;
    private const int SmallestNormal = 1 << 23;
    private const int BiasDifference = (127 - 15) << 23;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<float> Lower, Vector256<float> Upper) Load16(Half* from)
    {
        (Vector256<int> lower, Vector256<int> upper) = Vector256.Widen(Vector256.Load((short*)from));
        return (Widen(lower), Widen(upper));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen(Vector256<int> half)
    {
        Vector256<int> magnitude = (half << MantissaShift) & Vector256.Create(Magnitude);
        Vector256<int> normal = magnitude + Vector256.Create(BiasDifference);
        Vector256<int> unit = Vector256.Create(BiasDifference + SmallestNormal);
        Vector256<int> subnormal = ((magnitude + unit).AsSingle() - unit.AsSingle()).AsInt32();
        Vector256<int> isSubnormal = Vector256.LessThan(magnitude, Vector256.Create(SmallestNormal));
        Vector256<int> value = Vector256.ConditionalSelect(isSubnormal, subnormal, normal);
        return (value | (half & Vector256.Create(int.MinValue))).AsSingle();
    }
}
