using System.Diagnostics.CodeAnalysis;
using KBitQuant.Numerics;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>An element type of the safetensors format: its name, its width in bits, and the .NET type that reads it.</summary>
public sealed class SafetensorsDType
{
    private SafetensorsDType(string name, int bits, Type? elementType)
    {
        Name = name;
        Bits = bits;
        ElementType = elementType;
    }

    /// <summary>A truth value in a byte, 0 or 1; read as <see cref="byte"/>, since a file may hold other values.</summary>
    public static SafetensorsDType Bool { get; } = new("BOOL", 8, typeof(byte));

    /// <summary>4-bit floating point, two to a byte.</summary>
    public static SafetensorsDType F4 { get; } = new("F4", 4, null);

    /// <summary>6-bit floating point: 2 exponent bits, 3 mantissa bits; four to three bytes.</summary>
    public static SafetensorsDType F6E2M3 { get; } = new("F6_E2M3", 6, null);

    /// <summary>6-bit floating point: 3 exponent bits, 2 mantissa bits; four to three bytes.</summary>
    public static SafetensorsDType F6E3M2 { get; } = new("F6_E3M2", 6, null);

    /// <summary>Unsigned 8-bit integer.</summary>
    public static SafetensorsDType U8 { get; } = new("U8", 8, typeof(byte));

    /// <summary>Signed 8-bit integer.</summary>
    public static SafetensorsDType I8 { get; } = new("I8", 8, typeof(sbyte));

    /// <summary>8-bit floating point: 5 exponent bits, 2 mantissa bits; read as bytes.</summary>
    public static SafetensorsDType F8E5M2 { get; } = new("F8_E5M2", 8, typeof(byte));

    /// <summary>8-bit floating point: 4 exponent bits, 3 mantissa bits; read as bytes.</summary>
    public static SafetensorsDType F8E4M3 { get; } = new("F8_E4M3", 8, typeof(byte));

    /// <summary>8-bit power of two: 8 exponent bits, neither sign nor mantissa; read as bytes.</summary>
    public static SafetensorsDType F8E8M0 { get; } = new("F8_E8M0", 8, typeof(byte));

    /// <summary>Signed 16-bit integer.</summary>
    public static SafetensorsDType I16 { get; } = new("I16", 16, typeof(short));

    /// <summary>Unsigned 16-bit integer.</summary>
    public static SafetensorsDType U16 { get; } = new("U16", 16, typeof(ushort));

    /// <summary>IEEE half precision.</summary>
    public static SafetensorsDType F16 { get; } = new("F16", 16, typeof(Half));

    /// <summary>Brain floating point.</summary>
    public static SafetensorsDType BF16 { get; } = new("BF16", 16, typeof(BFloat16));

    /// <summary>Signed 32-bit integer.</summary>
    public static SafetensorsDType I32 { get; } = new("I32", 32, typeof(int));

    /// <summary>Unsigned 32-bit integer.</summary>
    public static SafetensorsDType U32 { get; } = new("U32", 32, typeof(uint));

    /// <summary>IEEE single precision.</summary>
    public static SafetensorsDType F32 { get; } = new("F32", 32, typeof(float));

    /// <summary>Complex number of two singles.</summary>
    public static SafetensorsDType C64 { get; } = new("C64", 64, null);

    /// <summary>IEEE double precision.</summary>
    public static SafetensorsDType F64 { get; } = new("F64", 64, typeof(double));

    /// <summary>Signed 64-bit integer.</summary>
    public static SafetensorsDType I64 { get; } = new("I64", 64, typeof(long));

    /// <summary>Unsigned 64-bit integer.</summary>
    public static SafetensorsDType U64 { get; } = new("U64", 64, typeof(ulong));

    /// <summary>Every element type, narrow to wide.</summary>
    public static IReadOnlyList<SafetensorsDType> All { get; } =
    [
        F4, F6E2M3, F6E3M2, Bool, U8, I8, F8E5M2, F8E4M3, F8E8M0, I16, U16, F16, BF16, I32, U32, F32, C64, F64, I64, U64,
    ];

    /// <summary>The name in the file's header, such as <c>BF16</c>.</summary>
    public string Name { get; }

    /// <summary>The width of an element in bits; 4 and 6 pack into bytes without padding.</summary>
    public int Bits { get; }

    /// <summary>The .NET type whose memory layout an element has, or null where there is none (4 and 6 bits, complex).</summary>
    public Type? ElementType { get; }

    /// <summary>Finds an element type by its name in the format.</summary>
    /// <param name="name">The name, case-sensitive.</param>
    /// <param name="dtype">The type found.</param>
    /// <returns>Whether the format has such a type.</returns>
    public static bool TryParse(string name, [NotNullWhen(true)] out SafetensorsDType? dtype)
    {
        ArgumentNullException.ThrowIfNull(name);
        dtype = All.FirstOrDefault(candidate => candidate.Name == name);
        return dtype is not null;
    }

    /// <summary>The name in the file's header.</summary>
    public override string ToString() => Name;

    /// <summary>The bytes that a tensor of this type and shape takes.</summary>
    /// <param name="shape">The dimensions; none for a scalar.</param>
    /// <exception cref="ArgumentException">A dimension is negative, there are 2^63 bits or more, or not whole bytes.</exception>
    internal long ByteLength(IReadOnlyList<long> shape)
    {
        long bits = ElementCount(shape);
        try
        {
            bits = checked(bits * Bits);
        }
        catch (OverflowException)
        {
            throw new ArgumentException($"shape [{string.Join(", ", shape)}] of {Name} has more than 2^63 bits");
        }

        if (bits % 8 != 0)
            throw new ArgumentException($"shape [{string.Join(", ", shape)}] of {Name} does not fill whole bytes");
        return bits / 8;
    }

    private static long ElementCount(IReadOnlyList<long> shape)
    {
        long count = 1;
        foreach (long dimension in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(shape));
            try
            {
                count = checked(count * dimension);
            }
            catch (OverflowException)
            {
                throw new ArgumentException($"shape [{string.Join(", ", shape)}] has more than 2^63 elements");
            }
        }

        return count;
    }
}
