using ILGPU;
using KBitQuant.Compute.Gpu.Decoder.Activations;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;

/// <summary>How sums in shared memory become outputs.</summary>
internal static class VectorOutput
{
    /// <summary>The logarithm of the most lanes that add the sums of an output, and of the fewest: 16 outputs, of one unit, then fill a warp.</summary>
    private const int MostShift = 3;
    private const int FewestShift = 1;

    /// <summary>Begins to copy to shared memory what outputs are added to, once the previous kernel has ended.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="place">The group's.</param>
    /// <param name="thread">The thread in its group.</param>
    public static void Begin(VectorArguments arguments, VectorPlace place, int thread)
    {
        int bytes = arguments.Output == (int)VectorOutputKind.Added ? place.Units * DecodeGroup.SumBytes : 0;
        int first = place.FirstUnit * DecodeGroup.SumBytes;
        int end = arguments.Product.N * sizeof(float);
        for (int at = thread * 16; at < bytes; at += DecodeGroup.Size * 16)
        {
            int there = IntrinsicMath.Max(IntrinsicMath.Min(end - first - at, 16), 0);
            PtxMemory.BeginCopy(place.Before + (uint)at, arguments.Product.Y + (there == 0 ? 0 : first + at), there);
        }
    }

    /// <summary>Adds the sums of each output in a fixed order, and writes it.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="place">The group's.</param>
    /// <param name="thread">The thread in its group.</param>
    public static void Write<TElement>(VectorArguments arguments, VectorPlace place, int thread)
        where TElement : struct, ITensorElement
    {
        int parts = arguments.Product.Slices;
        int outputs = place.Units * PackedLayout.UnitRows;
        int shift = MostShift;
        while (shift > FewestShift && outputs << shift > DecodeGroup.Size)
            shift--;
        int lanes = 1 << shift;
        int lane = thread & (lanes - 1);
        // Whole warps take part in exchanges.
        for (int output = thread >> shift; output < outputs; output += DecodeGroup.Size >> shift)
        {
            int row = output & (PackedLayout.UnitRows - 1);
            int unit = output / PackedLayout.UnitRows;
            uint at = place.Sums + (uint)((unit * parts * DecodeGroup.SumBytes) + (row * sizeof(float)));
            int n = ((place.FirstUnit + unit) * PackedLayout.UnitRows) + row;
            float sum = 0;
            for (int part = lane; part < parts; part += lanes)
                sum += PtxMemory.LoadSharedFloat(at + (uint)(part * DecodeGroup.SumBytes));
            for (int mask = 1; mask < lanes; mask *= 2)
                sum += PtxBits.ExchangeLanes(sum, mask);
            sum *= default(TElement).InverseScale;
            if (arguments.Product.HasBias != 0)
                sum += LoadFloat(arguments.Product.Bias + ((long)IntrinsicMath.Min(n, arguments.Product.N - 1) * sizeof(float)));
            float next = PtxBits.ExchangeLanes(sum, lanes);
            if (arguments.Output == (int)VectorOutputKind.Added)
                sum = PtxMemory.LoadSharedFloat(place.Before + (uint)(output * sizeof(float))) + sum;
            if (lane == 0 && n < arguments.Product.N)
                Store<TElement>(arguments, n, sum, next);
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
