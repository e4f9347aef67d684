using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Rotary;

/// <summary>8 elements of a head, turned to their position, and the 8 that they turn with; or 8 elements alone, which are not turned.
/// Halves.</summary>
internal struct RotaryUnit
{
    /// <summary>The first elements.</summary>
    public Words4 First;

    /// <summary>What they turn with.</summary>
    public Words4 Second;

    /// <summary>Loads and turns.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="head">The address of the head's first element.</param>
    /// <param name="unit">Which elements: those of pairs first.</param>
    /// <param name="position">The position.</param>
    /// <param name="scale">What all are multiplied with.</param>
    public static RotaryUnit Load(RotaryAddresses arguments, long head, int unit, int position, float scale)
    {
        bool isPair = arguments.IsPair(unit);
        Words4 first = PtxMemory.LoadIf4(head + (arguments.FirstOf(unit) * (long)sizeof(ushort)), 1);
        Words4 second = PtxMemory.LoadIf4(head + (arguments.SecondOf(unit) * (long)sizeof(ushort)), isPair ? 1u : 0u);
        long angle = (((long)position * arguments.PairCount) + (unit * RotaryPassKernel.Unit)) * sizeof(float);
        uint isWanted = isPair ? 1u : 0u;
        Floats4 cosines0 = PtxMemory.LoadFloatsIf4(arguments.Cosines + angle, isWanted);
        Floats4 cosines4 = PtxMemory.LoadFloatsIf4(arguments.Cosines + angle + 16, isWanted);
        Floats4 sines0 = PtxMemory.LoadFloatsIf4(arguments.Sines + angle, isWanted);
        Floats4 sines4 = PtxMemory.LoadFloatsIf4(arguments.Sines + angle + 16, isWanted);
        // Chosen as floats: ILGPU takes the bits of an integer that is chosen and then converted.
        float own = isPair ? 0f : 1f;
        Words2 x = Turn(first.X, second.X, (cosines0.X + own) * scale, (cosines0.Y + own) * scale, sines0.X * scale, sines0.Y * scale);
        Words2 y = Turn(first.Y, second.Y, (cosines0.Z + own) * scale, (cosines0.W + own) * scale, sines0.Z * scale, sines0.W * scale);
        Words2 z = Turn(first.Z, second.Z, (cosines4.X + own) * scale, (cosines4.Y + own) * scale, sines4.X * scale, sines4.Y * scale);
        Words2 w = Turn(first.W, second.W, (cosines4.Z + own) * scale, (cosines4.W + own) * scale, sines4.Z * scale, sines4.W * scale);
        return new()
        {
            First = new() { X = x.X, Y = y.X, Z = z.X, W = w.X },
            Second = new() { X = x.Y, Y = y.Y, Z = z.Y, W = w.Y },
        };
    }

    /// <summary>Two elements and the two that they turn with.</summary>
    private static Words2 Turn(uint first, uint second, float cosine0, float cosine1, float sine0, float sine1)
    {
        Floats2 a = PtxBits.WidenHalves(first);
        Floats2 b = PtxBits.WidenHalves(second);
        return new()
        {
            X = PtxBits.RoundToHalves((a.X * cosine0) - (b.X * sine0), (a.Y * cosine1) - (b.Y * sine1)),
            Y = PtxBits.RoundToHalves((b.X * cosine0) + (a.X * sine0), (b.Y * cosine1) + (a.Y * sine1)),
        };
    }
}
