using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;

/// <summary>How the input row comes to shared memory: as it is, or normalized.</summary>
internal static class VectorInput
{
    /// <summary>Columns that a thread takes at a time.</summary>
    private const int ThreadColumns = 8;

    private const int Step = DecodeGroup.Size * ThreadColumns;

    /// <summary>Bytes of shared memory that it takes for each column.</summary>
    public static int ColumnBytes(bool isNormalized) => isNormalized ? sizeof(ushort) + sizeof(float) : sizeof(ushort);

    /// <summary>Begins to copy what no kernel writes: the norm's weight.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="weight">Where to.</param>
    /// <param name="thread">The thread in its group.</param>
    public static void Begin(VectorArguments arguments, uint weight, int thread)
    {
        int columns = arguments.IsNormalized == 0 ? 0 : arguments.Product.K;
        for (int i = thread * 4; i < columns; i += DecodeGroup.Size * 4)
            PtxMemory.BeginCopy(weight + (uint)(i * sizeof(float)), arguments.NormWeight + (i * sizeof(float)), 16);
    }

    /// <summary>Brings the row to shared memory; a barrier must follow.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="inputs">Where to.</param>
    /// <param name="weight">Where the norm's weight is, or on its way.</param>
    /// <param name="sums">Shared memory for a float of each warp.</param>
    /// <param name="thread">The thread in its group.</param>
    public static void Load<TElement>(VectorArguments arguments, uint inputs, uint weight, uint sums, int thread)
        where TElement : struct, ITensorElement
    {
        if (arguments.IsNormalized != 0)
        {
            Normalize<TElement>(arguments, inputs, weight, sums, thread);
            return;
        }

        for (int i = thread * ThreadColumns; i < arguments.Product.K; i += Step)
            PtxMemory.StoreShared4(inputs + (uint)(i * 2), PtxMemory.LoadIf4(arguments.Product.X + (i * 2L), 1));
    }

    private static void Normalize<TElement>(VectorArguments arguments, uint inputs, uint weight, uint sums, int thread)
        where TElement : struct, ITensorElement
    {
        int columns = arguments.Product.K;
        long stream = arguments.Product.X;
        float squares = 0;
        for (int i = thread * ThreadColumns; i < columns; i += Step)
        {
            Floats4 low = PtxMemory.LoadFloats4(stream + (i * 4L));
            Floats4 high = PtxMemory.LoadFloats4(stream + (i * 4L) + 16);
            squares += Squares(low) + Squares(high);
        }

        PtxMemory.AwaitAll();
        float scale = 1 / MathF.Sqrt((Sum(squares, sums, thread) / columns) + arguments.Epsilon);
        for (int i = thread * ThreadColumns; i < columns; i += Step)
        {
            Words2 low = Scale<TElement>(stream + (i * 4L), weight + (uint)(i * 4), scale);
            Words2 high = Scale<TElement>(stream + (i * 4L) + 16, weight + (uint)(i * 4) + 16, scale);
            PtxMemory.StoreShared4(inputs + (uint)(i * 2), new Words4 { X = low.X, Y = low.Y, Z = high.X, W = high.Y });
        }
    }

    private static float Squares(Floats4 x) => (x.X * x.X) + (x.Y * x.Y) + ((x.Z * x.Z) + (x.W * x.W));

    private static Words2 Scale<TElement>(long stream, uint weight, float scale)
        where TElement : struct, ITensorElement
    {
        // From L1: the thread has read them for the squares.
        Floats4 x = PtxMemory.LoadFloats4(stream);
        Words4 w = PtxMemory.LoadShared4(weight);
        return new()
        {
            X = default(TElement).Round(x.X * scale * Interop.IntAsFloat(w.X), x.Y * scale * Interop.IntAsFloat(w.Y)),
            Y = default(TElement).Round(x.Z * scale * Interop.IntAsFloat(w.Z), x.W * scale * Interop.IntAsFloat(w.W)),
        };
    }

    /// <summary>The sum over the threads of the group, in a fixed order, in each of them.</summary>
    private static float Sum(float value, uint sums, int thread)
    {
        for (int mask = 1; mask < 32; mask *= 2)
            value += PtxBits.ExchangeLanes(value, mask);
        if ((thread & 31) == 0)
            PtxMemory.StoreSharedFloat(sums + (uint)(thread >> 5 << 2), value);
        PtxGrid.Barrier();
        float sum = PtxMemory.LoadSharedFloat(sums + (uint)((thread & (DecodeGroup.Warps - 1)) << 2));
        for (int mask = 1; mask < DecodeGroup.Warps; mask *= 2)
            sum += PtxBits.ExchangeLanes(sum, mask);
        return sum;
    }
}
