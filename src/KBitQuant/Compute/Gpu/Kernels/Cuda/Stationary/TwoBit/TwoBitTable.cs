using System.Numerics.Tensors;
using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;

/// <summary>The entries of a table of two bits as bytes: multiples of a step, -127 to 127, each as close to its entry as a half.</summary>
/// <param name="Bytes">The byte of each code, that of code 0 in the lowest bits.</param>
/// <param name="Step">What they are multiplied with.</param>
internal readonly record struct TwoBitTable(uint Bytes, float Step)
{
    /// <summary>Two halves of 1 (<see cref="DecodeArguments.HalfOnes"/>).</summary>
    public const uint HalfOnes = 0x3C00_3C00;

    private const int Entries = 4;
    private const int Largest = sbyte.MaxValue;

    /// <summary>How far a half is from a number, at most: in units of the number.</summary>
    private const double HalfRounding = 1.0 / (1 << 11);

    /// <summary>How far entries that are meant to be multiples may be from them: twice what a float is from a number, as the largest entry is one too.</summary>
    private const double FloatRounding = 2.0 / (1 << 24);

    /// <summary>The bytes for a type's table: of all steps of which the largest entry is a multiple those that come closest, the largest of them. Null where there are no such bytes, and for other types than those of two bits.</summary>
    public static TwoBitTable? Of(DataType type)
    {
        if (type.Bits != 2)
            return null;
        ReadOnlySpan<float> entries = type.Lookup.AsSpan(0, Entries);
        double largest = Math.Abs(TensorPrimitives.MaxMagnitude(entries));
        double closest = HalfRounding;
        TwoBitTable? found = null;
        for (int multiple = 1; multiple <= Largest; multiple++)
        {
            double step = largest / multiple;
            double error = Error(entries, step);
            if (error < closest - FloatRounding)
                (closest, found) = (error, new(ToBytes(entries, step), (float)step));
        }

        return found;
    }

    /// <summary>The largest distance between an entry and its multiple, in units of the entry.</summary>
    private static double Error(ReadOnlySpan<float> entries, double step)
    {
        double error = 0;
        foreach (float entry in entries)
        {
            if (entry != 0)
                error = Math.Max(error, Math.Abs((Math.Round(entry / step) * step / entry) - 1));
        }

        return error;
    }

    private static uint ToBytes(ReadOnlySpan<float> entries, double step)
    {
        uint bytes = 0;
        for (int code = 0; code < Entries; code++)
            bytes |= (uint)(byte)(sbyte)Math.Round(entries[code] / step) << (8 * code);
        return bytes;
    }
}
