using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>Goes through a thread's sums. Without a loop: registers have no addresses.</summary>
internal static class PrefillSums
{
    /// <summary>The sums of eight columns.</summary>
    public static Floats4 Read(int eight) => new()
    {
        X = PtxWarpgroup.Sum(eight * 4),
        Y = PtxWarpgroup.Sum((eight * 4) + 1),
        Z = PtxWarpgroup.Sum((eight * 4) + 2),
        W = PtxWarpgroup.Sum((eight * 4) + 3),
    };

    /// <summary>Sets the sums of eight columns.</summary>
    public static void Set(int eight, Floats4 values)
    {
        PtxWarpgroup.Set(eight * 4, values.X);
        PtxWarpgroup.Set((eight * 4) + 1, values.Y);
        PtxWarpgroup.Set((eight * 4) + 2, values.Z);
        PtxWarpgroup.Set((eight * 4) + 3, values.W);
    }

    /// <summary>Adds to the sums of eight columns.</summary>
    public static void Add(int eight, Floats4 values)
    {
        PtxWarpgroup.Add(eight * 4, values.X);
        PtxWarpgroup.Add((eight * 4) + 1, values.Y);
        PtxWarpgroup.Add((eight * 4) + 2, values.Z);
        PtxWarpgroup.Add((eight * 4) + 3, values.W);
    }

    /// <summary>Visits the sums of all columns.</summary>
    /// <param name="visitor">The visitor.</param>
    /// <param name="columns">How many columns: 32, 64, 128 or 256, a constant once everything is inlined.</param>
    public static void Visit<TVisitor>(TVisitor visitor, int columns)
        where TVisitor : struct, ISumVisitor
    {
        Visit(visitor, 0, columns);
        if (columns > 128)
            Visit(visitor, 16, columns);
    }

    /// <summary>Visits the sums of some columns.</summary>
    /// <param name="visitor">The visitor.</param>
    /// <param name="eight">The first eight of them.</param>
    /// <param name="columns">How many: 32, 64 or 128; both are constants once everything is inlined.</param>
    public static void Visit<TVisitor>(TVisitor visitor, int eight, int columns)
        where TVisitor : struct, ISumVisitor
    {
        Visit32(visitor, eight);
        if (columns > 32)
            Visit32(visitor, eight + 4);
        if (columns > 64)
        {
            Visit32(visitor, eight + 8);
            Visit32(visitor, eight + 12);
        }
    }

    private static void Visit32<TVisitor>(TVisitor visitor, int eight)
        where TVisitor : struct, ISumVisitor
    {
        visitor.Visit(eight);
        visitor.Visit(eight + 1);
        visitor.Visit(eight + 2);
        visitor.Visit(eight + 3);
    }
}
