using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>A table of floats of few digits: entry = step * short, where the lower half of a short one's bits is 0. The small floats of the
/// catalogue are so: what makes their bits long is that the largest was made 1.</summary>
internal sealed class ShortTable
{
    private const uint LowerHalf = 0xFFFF;

    private ShortTable(float step, float[] entries) => (Step, Planes) = (step, BytePlaneLookup.PlanesOf(entries));

    /// <summary>The step, from 1 up to 2, rounded to float.</summary>
    public float Step { get; }

    /// <summary>The short ones in planes (<see cref="BytePlaneLookup"/>), of which the first two are 0.</summary>
    public byte[] Planes { get; }

    /// <summary>The table of a type whose every entry is found within two roundings to float; null for other types.</summary>
    public static ShortTable? Of(DataType type)
    {
        float step = StepOf(type.Codebook);
        var entries = new float[type.Lookup.Length];
        for (int i = 0; i < entries.Length; i++)
        {
            float entry = type.Lookup[i];
            uint bits = BitConverter.SingleToUInt32Bits((float)(entry / (double)step));
            entries[i] = BitConverter.UInt32BitsToSingle((bits + (LowerHalf / 2)) & ~LowerHalf);
            double difference = Math.Abs(((double)entries[i] * step) - entry);
            if (float.IsFinite(entry) ? difference > Math.ScaleB(Math.Abs(entry), -23) : !entries[i].Equals(entry))
                return null;
        }

        return new ShortTable(step, entries);
    }

    /// <summary>The digits of the smallest entry: if entries are short, it is the step times a power of two.</summary>
    private static float StepOf(ReadOnlySpan<float> codebook)
    {
        float smallest = float.PositiveInfinity;
        foreach (float entry in codebook)
        {
            if (entry != 0 && MathF.Abs(entry) < smallest)
                smallest = MathF.Abs(entry);
        }

        return MathF.ScaleB(smallest, -MathF.ILogB(smallest));
    }
}
