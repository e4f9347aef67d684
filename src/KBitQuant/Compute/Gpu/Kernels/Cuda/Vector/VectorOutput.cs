using ILGPU;
using KBitQuant.Compute.Gpu.Decoder.Activations;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;

/// <summary>How sums in shared memory become outputs.</summary>
internal static class VectorOutput
{
    /// <summary>Lanes that add the sums of an output.</summary>
    private const int Lanes = 8;

    private const int Step = DecodeGroup.Size / Lanes;

    /// <summary>Adds the sums of each output in a fixed order, and writes it.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="sums">As in <see cref="DecodeGroup.Store"/>.</param>
    /// <param name="firstUnit">The weight's unit that the first item there belongs to.</param>
    /// <param name="units">How many there are.</param>
    /// <param name="thread">The thread in its group.</param>
    public static void Write<TElement>(VectorArguments arguments, uint sums, int firstUnit, int units, int thread)
        where TElement : struct, ITensorElement
    {
        int parts = arguments.Product.Items;
        int lane = thread & (Lanes - 1);
        int outputs = units * PackedLayout.UnitRows;
        // Whole warps take part in exchanges: their four outputs are of one unit.
        for (int output = thread / Lanes; output < outputs; output += Step)
        {
            int row = output & (PackedLayout.UnitRows - 1);
            int unit = output / PackedLayout.UnitRows;
            uint at = sums + (uint)((unit * parts * DecodeGroup.SumBytes) + (row * sizeof(float)));
            int n = ((firstUnit + unit) * PackedLayout.UnitRows) + row;
            // Asked for before it is needed.
            bool isAdded = arguments.Output == (int)VectorOutputKind.Added;
            float before = isAdded && n < arguments.Product.N ? LoadFloat(arguments.Product.Y + (n * 4L)) : 0;
            float sum = 0;
            for (int part = lane; part < parts; part += Lanes)
                sum += PtxMemory.LoadSharedFloat(at + (uint)(part * DecodeGroup.SumBytes));
            for (int mask = 1; mask < Lanes; mask *= 2)
                sum += PtxBits.ExchangeLanes(sum, mask);
            sum *= default(TElement).InverseScale;
            if (arguments.Product.HasBias != 0)
                sum += LoadFloat(arguments.Product.Bias + ((long)IntrinsicMath.Min(n, arguments.Product.N - 1) * sizeof(float)));
            float next = PtxBits.ExchangeLanes(sum, Lanes);
            if (lane == 0 && n < arguments.Product.N)
                Store<TElement>(arguments, n, before + sum, next);
        }
    }

    /// <summary>Stores an output.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="n">Which.</param>
    /// <param name="sum">The output.</param>
    /// <param name="next">Where n is even, the next one.</param>
    private static void Store<TElement>(VectorArguments arguments, int n, float sum, float next)
        where TElement : struct, ITensorElement
    {
        long y = arguments.Product.Y;
        if (arguments.Output == (int)VectorOutputKind.Elements)
            PtxMemory.StoreShort(y + (n * 2L), default(TElement).Round(sum));
        else if (arguments.Output != (int)VectorOutputKind.Gated)
            PtxMemory.Store(y + (n * 4L), Interop.FloatAsInt(sum));
        else if ((n & 1) == 0)
            PtxMemory.StoreShort(y + n, default(TElement).Round(ActivationFormula.Of<CudaPlatform>(sum, arguments.Activation) * next));
    }

    private static float LoadFloat(long address) => Interop.IntAsFloat(PtxMemory.Load(address));
}
