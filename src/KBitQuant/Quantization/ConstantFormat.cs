using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KBitQuant.Numerics;

namespace KBitQuant.Quantization;

/// <summary>
/// How the constants and offsets of blocks are stored. A new format is one more instance here: its name, its bits, and how spans
/// of it are written and read.
/// </summary>
public sealed class ConstantFormat
{
    /// <summary>Smaller block constants are stored as 0: the reciprocal of this one, the smallest normal float, is finite.</summary>
    public const float SmallestConstant = 1.17549435e-38f;

    private readonly Encoder _encode;
    private readonly Decoder _decode;

    private ConstantFormat(string name, int bits, float largest, Encoder encode, Decoder decode) =>
        (Name, Bits, Largest, _encode, _decode) = (name, bits, largest, encode, decode);

    private delegate void Encoder(ReadOnlySpan<float> values, Span<byte> bytes);

    private delegate void Decoder(ReadOnlySpan<byte> bytes, Span<float> values);

    /// <summary>32-bit floats, as bitsandbytes stores them. Named <c>fp32</c>.</summary>
    public static ConstantFormat Float32 { get; } = Of<float>("fp32", float.MaxValue);

    /// <summary>16-bit floats, the paper's setting. Named <c>fp16</c>.</summary>
    public static ConstantFormat Float16 { get; } = Of<Half>("fp16", (float)Half.MaxValue);

    /// <summary>BFloat16. Named <c>bf16</c>.</summary>
    public static ConstantFormat BFloat16 { get; } = Of<BFloat16>("bf16", (float)Numerics.BFloat16.MaxValue);

    /// <summary>Every format.</summary>
    public static IReadOnlyList<ConstantFormat> All { get; } = [Float32, Float16, BFloat16];

    /// <summary>The name that files and the command line use.</summary>
    public string Name { get; }

    /// <summary>Bits of one constant; a multiple of 8.</summary>
    public int Bits { get; }

    /// <summary>The largest finite value.</summary>
    internal float Largest { get; }

    /// <summary>The format of this name.</summary>
    /// <param name="name"><c>fp32</c>, <c>fp16</c> or <c>bf16</c>, in any case.</param>
    /// <exception cref="ArgumentException">There is no such format.</exception>
    public static ConstantFormat Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(format => string.Equals(format.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"There is no constant format '{name}'; there are {string.Join(", ", All.Select(format => format.Name))}.", nameof(name));
    }

    /// <summary>The bytes that <paramref name="count"/> constants take.</summary>
    /// <param name="count">How many, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="OverflowException">More bytes than an int counts.</exception>
    public int ByteLength(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        long bytes = count * (Bits / 8L);
        return bytes <= int.MaxValue ? (int)bytes : throw new OverflowException($"At most {int.MaxValue} bytes of constants are allowed; {count} in {Name} take {bytes}.");
    }

    /// <summary>Rounds values to the format in place: to the nearest, ties to even; beyond the range to the largest finite value.</summary>
    /// <param name="values">Finite values.</param>
    [SkipLocalsInit]
    public void Round(Span<float> values)
    {
        if (this == Float32)
            return;
        const int Chunk = 256;
        Span<byte> bytes = stackalloc byte[Chunk * sizeof(float)];
        for (int start = 0; start < values.Length; start += Chunk)
        {
            Span<float> part = values.Slice(start, Math.Min(Chunk, values.Length - start));
            Span<byte> stored = bytes[..ByteLength(part.Length)];
            Encode(part, stored);
            Decode(stored, part);
        }
    }

    /// <summary>Writes values, rounded as by <see cref="Round"/>.</summary>
    /// <param name="values">Finite values.</param>
    /// <param name="bytes">Exactly <see cref="ByteLength"/> bytes, little-endian.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    [SkipLocalsInit]
    public void Encode(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        ThrowIfMismatched(values.Length, bytes.Length);
        const int Chunk = 256;
        Span<float> clamped = stackalloc float[Chunk];
        for (int start = 0; start < values.Length; start += Chunk)
        {
            int count = Math.Min(Chunk, values.Length - start);
            for (int i = 0; i < count; i++)
                clamped[i] = Math.Clamp(values[start + i], -Largest, Largest);
            _encode(clamped[..count], bytes.Slice(ByteLength(start), ByteLength(count)));
        }
    }

    /// <summary>Reads values, exactly.</summary>
    /// <param name="bytes">Exactly <see cref="ByteLength"/> bytes, little-endian.</param>
    /// <param name="values">Receives the values.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public void Decode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        ThrowIfMismatched(values.Length, bytes.Length);
        _decode(bytes, values);
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    private static ConstantFormat Of<T>(string name, float largest)
        where T : unmanaged => new(
            name,
            Marshal.SizeOf<T>() * 8,
            largest,
            (values, bytes) => Elements.FromSingle(values, MemoryMarshal.Cast<byte, T>(bytes)),
            (bytes, values) => Elements.ToSingle(MemoryMarshal.Cast<byte, T>(bytes), values));

    private void ThrowIfMismatched(int values, int bytes)
    {
        if (ByteLength(values) != bytes)
            throw new ArgumentException($"{values} constants in {Name} take {ByteLength(values)} bytes; {bytes} were given.");
    }
}
