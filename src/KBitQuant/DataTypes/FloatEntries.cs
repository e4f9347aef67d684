using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.DataTypes;

/// <summary>
/// Entries of a float of 8 bits by arithmetic, bit for bit: sign, exponent and mantissa of a code are moved to where a float has them. What that
/// lacks is a factor, the power of two between the biases over the largest magnitude; it takes two parts to round to each entry. Subnormal
/// codes make subnormal floats, which the factor makes normal, but processors slow: so only exponents are taken that make them rare.
/// </summary>
internal readonly struct FloatEntries
{
    /// <summary>What <see cref="RaisedPlanes"/> are multiplied by.</summary>
    public const float Raising = 1L << 60;

    private const int Codes = 256;
    private const int LeastExponentBits = 4;
    private const int CodeBits = 8;
    private const int SingleExponentBits = 8;
    private const int SingleMantissaBits = 23;
    private const int CodeMagnitude = (1 << (CodeBits - 1)) - 1;

    /// <summary>From a code's sign, in the lowest byte, to a float's.</summary>
    public const int SignShift = 24;

    private readonly byte _reserved;

    private FloatEntries(int exponentBits, int reserved)
    {
        PlaceShift = SingleExponentBits - exponentBits;
        Mask = int.MinValue | (CodeMagnitude << (SingleMantissaBits - (CodeBits - 1 - exponentBits)));
        _reserved = (byte)reserved;
        RaisedPlanes = [];
    }

    /// <summary>From there to the exponent's and the mantissa's places; copies of the sign stand above them.</summary>
    public int PlaceShift { get; }

    /// <summary>The bits that are the code's.</summary>
    public int Mask { get; }

    /// <summary>The factor's first part.</summary>
    public float Factor { get; private init; }

    /// <summary>Its second part, not below 0.</summary>
    public float Rest { get; private init; }

    /// <summary>Codes in their places, with exponents raised by <see cref="Raising"/> so that none is subnormal, as two planes: of such floats
    /// the two upper bytes alone are not 0 (<see cref="BytePlaneLookup"/>). Reserved codes have their entries, infinities and NaN.</summary>
    public byte[] RaisedPlanes { get; private init; }

    /// <summary>The arithmetic for a table, or null where it gives other bits to a number.</summary>
    public static FloatEntries? Of(ReadOnlySpan<float> codebook)
    {
        if (codebook.Length != Codes)
            return null;
        int largest = codebook.IndexOfAny(1f, -1f) & CodeMagnitude;
        int reserved = CodeMagnitude + 1;
        while (reserved > 0 && !float.IsFinite(codebook[reserved - 1]))
            reserved--;
        for (int exponentBits = LeastExponentBits; exponentBits < CodeBits; exponentBits++)
        {
            var entries = new FloatEntries(exponentBits, reserved);
            double factor = 1.0 / entries.Place(largest);
            // With a rest below 0 the sum of two zeros would lose its sign.
            float below = (float)factor <= factor ? (float)factor : float.BitDecrement((float)factor);
            entries = entries with { Factor = below, Rest = (float)(factor - below) };
            // An infinity times a rest of 0 would be NaN.
            if (entries.Give(codebook) && (entries.Rest > 0 || reserved > CodeMagnitude))
                return entries with { RaisedPlanes = entries.Raise(codebook) };
        }

        return null;
    }

    /// <summary>The entries of eight codes with the numbers in registers.</summary>
    /// <param name="places">The codes' bits where a float has them, others 0.</param>
    /// <param name="factor"><see cref="Factor"/>.</param>
    /// <param name="rest"><see cref="Rest"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Decode(Vector256<int> places, Vector256<float> factor, Vector256<float> rest) =>
        Vector256.FusedMultiplyAdd(places.AsSingle(), factor, places.AsSingle() * rest);

    /// <summary>The same of 16 codes, with numbers for <see cref="RaisedPlanes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Decode(Vector512<uint> places, Vector512<float> factor, Vector512<float> rest) =>
        Vector512.FusedMultiplyAdd(places.AsSingle(), factor, places.AsSingle() * rest);

    /// <summary>Whether any of some codes, one a byte, is no number's.</summary>
    public bool AnyReserved(ReadOnlySpan<byte> codes)
    {
        if (_reserved > CodeMagnitude)
            return false;
        Vector256<byte> magnitude = Vector256.Create((byte)CodeMagnitude), max = Vector256<byte>.Zero;
        int i = 0;
        for (; i <= codes.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
            max = Vector256.Max(max, Vector256.Create(codes[i..]) & magnitude);
        bool any = Vector256.GreaterThanOrEqualAny(max, Vector256.Create(_reserved));
        for (; i < codes.Length; i++)
            any |= (codes[i] & CodeMagnitude) >= _reserved;
        return any;
    }

    private bool Give(ReadOnlySpan<float> codebook)
    {
        for (int code = 0; code < codebook.Length; code++)
        {
            float entry = float.FusedMultiplyAdd(Place(code), Factor, Place(code) * Rest);
            if ((code & CodeMagnitude) < _reserved && BitConverter.SingleToInt32Bits(entry) != BitConverter.SingleToInt32Bits(codebook[code]))
                return false;
        }

        return true;
    }

    private byte[] Raise(ReadOnlySpan<float> codebook)
    {
        var raised = new float[Codes];
        for (int code = 0; code < Codes; code++)
            raised[code] = (code & CodeMagnitude) < _reserved ? Place(code) * Raising : codebook[code];
        return BytePlaneLookup.PlanesOf(raised)[(2 * BytePlaneLookup.PlaneLength)..];
    }

    private float Place(int code) => BitConverter.Int32BitsToSingle(((code << SignShift) >> PlaceShift) & Mask);
}
