using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Numerics;

/// <summary>
/// The element types of inputs and outputs: <see cref="Half"/>, <see cref="BFloat16"/> and <see cref="float"/>.
/// Everything is computed in float; this is where spans are widened and rounded.
/// </summary>
public static class Elements
{
    private const uint SingleMagnitude = 0x7FFF_FFFF;
    private const uint SingleInfinity = 0x7F80_0000;

    /// <summary>2^112, as bits: what the exponent of a Half lacks where it stands for that of a float.</summary>
    private const uint TwoTo112 = (127u + 112u) << 23;

    /// <summary>Whether <typeparamref name="T"/> is Half, BFloat16 or float.</summary>
    /// <typeparam name="T">The element type asked about.</typeparam>
    public static bool IsSupported<T>() =>
        typeof(T) == typeof(float) || typeof(T) == typeof(Half) || typeof(T) == typeof(BFloat16);

    /// <summary>Widens to float, exactly.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="source">The values.</param>
    /// <param name="destination">At least as long as <paramref name="source"/>.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is another type.</exception>
    public static void ToSingle<T>(ReadOnlySpan<T> source, Span<float> destination)
        where T : unmanaged
    {
        ThrowIfShorter(destination.Length, source.Length);
        if (typeof(T) == typeof(float))
            MemoryMarshal.Cast<T, float>(source).CopyTo(destination);
        else if (typeof(T) == typeof(Half))
            WidenHalf(MemoryMarshal.Cast<T, Half>(source), destination);
        else if (typeof(T) == typeof(BFloat16))
            WidenBFloat16(MemoryMarshal.Cast<T, ushort>(source), MemoryMarshal.Cast<float, uint>(destination));
        else
            ThrowUnsupported<T>();
    }

    /// <summary>Rounds from float to the nearest value, ties to even; too large a magnitude becomes infinity, NaN stays NaN.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="source">The values.</param>
    /// <param name="destination">At least as long as <paramref name="source"/>.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is another type.</exception>
    public static void FromSingle<T>(ReadOnlySpan<float> source, Span<T> destination)
        where T : unmanaged
    {
        ThrowIfShorter(destination.Length, source.Length);
        if (typeof(T) == typeof(float))
            source.CopyTo(MemoryMarshal.Cast<T, float>(destination));
        else if (typeof(T) == typeof(Half))
            NarrowHalf(source, MemoryMarshal.Cast<T, Half>(destination));
        else if (typeof(T) == typeof(BFloat16))
            NarrowBFloat16(MemoryMarshal.Cast<float, uint>(source), MemoryMarshal.Cast<T, ushort>(destination));
        else
            ThrowUnsupported<T>();
    }

    /// <summary>Rounds as <see cref="FromSingle"/> does.</summary>
    /// <typeparam name="T">Half or BFloat16.</typeparam>
    /// <returns>The bits of eight values, in the lower halves.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> Round<T>(Vector256<float> values) =>
        typeof(T) == typeof(Half) ? RoundToHalf(values.AsUInt32()) : RoundToUpperHalf(values.AsUInt32());

    /// <summary>Throws unless <typeparamref name="T"/> is Half, BFloat16 or float.</summary>
    /// <typeparam name="T">The element type asked about.</typeparam>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is another type.</exception>
    public static void ThrowIfUnsupported<T>()
    {
        if (!IsSupported<T>())
            ThrowUnsupported<T>();
    }

    /// <summary>Several times as fast as TensorPrimitives, which does the rest.</summary>
    private static void WidenHalf(ReadOnlySpan<Half> source, Span<float> destination)
    {
        int i = 0;
        if (Avx512F.IsSupported)
        {
            ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<Half, ushort>(source);
            for (; i <= bits.Length - Vector512<uint>.Count; i += Vector512<uint>.Count)
                WidenHalf(Avx512F.ConvertToVector512UInt32(Vector256.Create(bits.Slice(i, Vector256<ushort>.Count)))).CopyTo(destination[i..]);
        }
        else if (Avx2.IsSupported)
        {
            ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<Half, ushort>(source);
            for (; i <= bits.Length - Vector256<uint>.Count; i += Vector256<uint>.Count)
                WidenHalf(Avx2.ConvertToVector256Int32(Vector128.Create(bits.Slice(i, Vector128<ushort>.Count))).AsUInt32()).CopyTo(destination[i..]);
        }

        TensorPrimitives.ConvertToSingle(source[i..], destination[i..]);
    }

    /// <summary>Sixteen finite Halfs' bits, their sign in all upper ones, to floats. A product moves the exponent, which makes subnormals normal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> WidenFinite(Vector512<uint> bits) =>
        ((bits << 13) & Vector512.Create(0x8FFF_FFFFu)).AsSingle() * Vector512.Create(TwoTo112).AsSingle();

    /// <summary>Sixteen Halfs' bits to floats. A product moves the exponent, which makes subnormals normal; infinities and NaN get the top one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> WidenHalf(Vector512<uint> bits)
    {
        Vector512<uint> magnitude = bits & Vector512.Create(0x7FFFu);
        Vector512<float> finite = (magnitude << 13).AsSingle() * Vector512.Create(TwoTo112).AsSingle();
        Vector512<uint> top = Vector512.GreaterThan(magnitude, Vector512.Create(0x7BFFu)) & Vector512.Create(0x7F80_0000u);
        return (finite.AsUInt32() | top | ((bits ^ magnitude) << 16)).AsSingle();
    }

    /// <summary>The same for eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> WidenHalf(Vector256<uint> bits)
    {
        Vector256<uint> magnitude = bits & Vector256.Create(0x7FFFu);
        Vector256<float> finite = (magnitude << 13).AsSingle() * Vector256.Create(TwoTo112).AsSingle();
        Vector256<uint> top = Vector256.GreaterThan(magnitude.AsInt32(), Vector256.Create(0x7BFF)).AsUInt32() & Vector256.Create(0x7F80_0000u);
        return (finite.AsUInt32() | top | ((bits ^ magnitude) << 16)).AsSingle();
    }

    private static void WidenBFloat16(ReadOnlySpan<ushort> source, Span<uint> destination)
    {
        int i = 0;
        for (; i <= source.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            // 16 values to two registers of 8; a BFloat16 is the upper half of a float.
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.Create(source.Slice(i, Vector256<ushort>.Count)));
            (low << 16).CopyTo(destination[i..]);
            (high << 16).CopyTo(destination[(i + Vector256<uint>.Count)..]);
        }

        for (; i < source.Length; i++)
            destination[i] = (uint)source[i] << 16;
    }

    /// <summary>With AVX2 alone twice as fast as TensorPrimitives, which does the rest.</summary>
    private static void NarrowHalf(ReadOnlySpan<float> source, Span<Half> destination)
    {
        int i = 0;
        if (Avx2.IsSupported && !Avx512F.IsSupported)
        {
            ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(source);
            Span<ushort> halves = MemoryMarshal.Cast<Half, ushort>(destination);
            for (; i <= bits.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
            {
                Vector256<uint> low = RoundToHalf(Vector256.Create(bits.Slice(i, Vector256<uint>.Count)));
                Vector256<uint> high = RoundToHalf(Vector256.Create(bits.Slice(i + Vector256<uint>.Count, Vector256<uint>.Count)));
                Join(low, high).CopyTo(halves[i..]);
            }
        }

        if (i < source.Length)
            TensorPrimitives.ConvertToHalf(source[i..], destination[i..]);
    }

    /// <summary>Eight floats' bits to those of Half, in the lower halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> RoundToHalf(Vector256<uint> bits)
    {
        Vector256<uint> magnitude = bits & Vector256.Create(SingleMagnitude);
        Vector256<uint> quiet = ((magnitude >>> 13) & Vector256.Create(0x7FFFu)) | Vector256.Create(0x7E00u);
        // Magnitudes have no sign: they compare as signed integers, for which there is an instruction.
        Vector256<uint> isNaN = Vector256.GreaterThan(magnitude.AsInt32(), Vector256.Create((int)SingleInfinity)).AsUInt32();
        return Vector256.ConditionalSelect(isNaN, quiet, RoundMagnitudeToHalf(magnitude)) | ((bits ^ magnitude) >>> 16);
    }

    /// <summary>The bits of floats without their signs, none of them NaN, to those of Half. A value is added to 2^13 times its power of two,
    /// at least that of the smallest normal Half, 2^-14: that rounds it to Half's last place, and leaves the count of these places in the low
    /// bits. Half's bits are that count, plus 2^10 for each power of two above 2^-14. What rounds beyond the range goes to infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> RoundMagnitudeToHalf(Vector256<uint> magnitude)
    {
        const uint SmallestNormal = 0x3880_0000, BeyondRange = 0x4780_0000, Places = 13u << 23;
        Vector256<uint> clamped = Vector256.Min(magnitude, Vector256.Create(BeyondRange));
        // Only the upper word of a power of two is not 0.
        Vector256<ushort> power = (clamped & Vector256.Create(SingleInfinity)).AsUInt16();
        Vector256<uint> above = Vector256.SubtractSaturate(power, Vector256.Create(SmallestNormal).AsUInt16()).AsUInt32();
        Vector256<uint> anchor = above + Vector256.Create(SmallestNormal + Places);
        Vector256<uint> count = (clamped.AsSingle() + anchor.AsSingle()).AsUInt32() - anchor;
        return count + (above >>> 13);
    }

    /// <summary>The lower halves of both, whose upper halves are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Join(Vector256<uint> low, Vector256<uint> high) => Avx2.IsSupported
        ? InOrder(Avx2.PackUnsignedSaturate(low.AsInt32(), high.AsInt32()))
        : Vector256.Narrow(low, high);

    /// <summary>Packing takes turns between its operands' halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> InOrder(Vector256<ushort> packed) => Avx2.Permute4x64(packed.AsInt64(), 0b11_01_10_00).AsUInt16();

    private static void NarrowBFloat16(ReadOnlySpan<uint> source, Span<ushort> destination)
    {
        int i = 0;
        for (; i <= source.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            Vector256<uint> low = RoundToUpperHalf(Vector256.Create(source.Slice(i, Vector256<uint>.Count)));
            Vector256<uint> high = RoundToUpperHalf(Vector256.Create(source.Slice(i + Vector256<uint>.Count, Vector256<uint>.Count)));
            Join(low, high).CopyTo(destination[i..]);
        }

        for (; i < source.Length; i++)
            destination[i] = BFloat16.ToBits((BFloat16)BitConverter.UInt32BitsToSingle(source[i]));
    }

    /// <summary>Eight floats' bits to eight BFloat16 bit patterns in the low halves: nearest, ties to even, NaN made quiet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> RoundToUpperHalf(Vector256<uint> bits)
    {
        Vector256<float> value = bits.AsSingle();
        Vector256<uint> ordered = Vector256.Equals(value, value).AsUInt32();
        return Vector256.ConditionalSelect(ordered, RoundNumberToUpperHalf(bits), (bits >>> 16) | Vector256.Create(0x40u));
    }

    /// <summary>The same where there is no NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> RoundNumberToUpperHalf(Vector256<uint> bits) =>
        (bits + Vector256.Create(0x7FFFu) + ((bits >>> 16) & Vector256<uint>.One)) >>> 16;

    private static void ThrowIfShorter(int length, int needed)
    {
        if (length < needed)
            throw new ArgumentException($"The destination holds {length} elements; {needed} are needed.");
    }

    private static void ThrowUnsupported<T>() =>
        throw new NotSupportedException($"Elements are Half, BFloat16 or float; {typeof(T).Name} was given.");
}
