using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;

namespace KBitQuant.Compute.Gpu.Decoder.Norms;

/// <summary>
/// Adds what sublayers left to the residual stream and normalizes it: RMSNorm (arXiv 1910.07467) or LayerNorm (arXiv 1607.06450). A
/// group for each row; its threads take the columns in turn, four at a time, and their sums are added in a fixed order.
/// </summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class NormKernel
{
    private const int GroupSize = 1024;

    public static PlatformKernel<Arguments> Kernel { get; } = new("norm", Run<PortablePlatform>, Run<CudaPlatform>, GroupSize);

    private static void Run<TPlatform>(Arguments arguments)
        where TPlatform : struct, IGpuPlatform
    {
        default(TPlatform).Begin();
        int columns = arguments.Columns;
        int step = RowValues.Count * Group.DimX;
        // Kernels index with 32 bits what they may.
        long start = (long)(arguments.FirstRow + Grid.IdxX) * columns;
        arguments.Residual = arguments.Residual.SubView(start, columns);
        arguments.Delta0 = arguments.Delta0.SubView(arguments.DeltaCount > 0 ? start : 0, columns);
        arguments.Delta1 = arguments.Delta1.SubView(arguments.DeltaCount > 1 ? start : 0, columns);
        arguments.Y = arguments.Y.SubView((long)Grid.IdxX * columns, columns);
        RowValues values = default;
        float sum = 0;
        for (int i = Group.IdxX; i < columns; i += step)
        {
            values = Load<TPlatform>(arguments, i);
            sum += arguments.IsCentered == 0 ? Squares(values, 0, i, columns) : Sum(values, i, columns);
        }

        sum = GroupSum.Of<TPlatform>(sum);
        float mean = arguments.IsCentered == 0 ? 0 : sum / columns;
        float squares = sum;
        // Where a thread has all of its values still, it need not read them again.
        bool isShort = columns <= step;
        if (arguments.IsCentered != 0)
        {
            squares = 0;
            for (int i = Group.IdxX; i < columns; i += step)
                squares += Squares(isShort ? values : Load<TPlatform>(arguments, i), mean, i, columns);
            squares = GroupSum.Of<TPlatform>(squares);
        }

        float scale = 1 / MathF.Sqrt((squares / columns) + arguments.Epsilon);
        for (int i = Group.IdxX; i < columns; i += step)
            Store<TPlatform>(arguments, i, isShort ? values : Load<TPlatform>(arguments, i), mean, scale);
    }

    /// <summary>The stream with what is added to it, at four columns.</summary>
    private static RowValues Load<TPlatform>(Arguments arguments, int i)
        where TPlatform : struct, IGpuPlatform
    {
        int last = arguments.Columns - 1;
        RowValues values = RowValues.LoadUpTo(arguments.Residual, i, Group.DimX, last);
        RowValues first = default;
        RowValues second = default;
        if (arguments.DeltaCount > 0)
            first = RowValues.LoadUpTo<TPlatform>(arguments.Delta0, i, Group.DimX, last);
        if (arguments.DeltaCount > 1)
            second = RowValues.LoadUpTo<TPlatform>(arguments.Delta1, i, Group.DimX, last);
        return values.PlusProduct(first, 1).PlusProduct(second, 1);
    }

    private static float Sum(RowValues values, int i, int columns) =>
        values.Row0
        + (i + Group.DimX < columns ? values.Row1 : 0)
        + (i + (2 * Group.DimX) < columns ? values.Row2 : 0)
        + (i + (3 * Group.DimX) < columns ? values.Row3 : 0);

    private static float Squares(RowValues values, float mean, int i, int columns)
    {
        var squares = new RowValues { Row0 = values.Row0 - mean, Row1 = values.Row1 - mean, Row2 = values.Row2 - mean, Row3 = values.Row3 - mean };
        return Sum(squares.Times(squares), i, columns);
    }

    private static void Store<TPlatform>(Arguments arguments, int i, RowValues values, float mean, float scale)
        where TPlatform : struct, IGpuPlatform
    {
        int last = arguments.Columns - 1;
        RowValues weight = RowValues.LoadUpTo(arguments.Weight, i, Group.DimX, last);
        RowValues bias = default;
        if (arguments.IsCentered != 0)
            bias = RowValues.LoadUpTo(arguments.Bias, i, Group.DimX, last);
        Store<TPlatform>(arguments, i, values.Row0, ((values.Row0 - mean) * scale * weight.Row0) + bias.Row0);
        Store<TPlatform>(arguments, i + Group.DimX, values.Row1, ((values.Row1 - mean) * scale * weight.Row1) + bias.Row1);
        Store<TPlatform>(arguments, i + (2 * Group.DimX), values.Row2, ((values.Row2 - mean) * scale * weight.Row2) + bias.Row2);
        Store<TPlatform>(arguments, i + (3 * Group.DimX), values.Row3, ((values.Row3 - mean) * scale * weight.Row3) + bias.Row3);
    }

    private static void Store<TPlatform>(Arguments arguments, int i, float value, float normalized)
        where TPlatform : struct, IGpuPlatform
    {
        if (i >= arguments.Columns)
            return;
        if (arguments.DeltaCount > 0)
            arguments.Residual[i] = value;
        arguments.Y[i] = default(TPlatform).Round(normalized);
    }

    /// <summary>The kernel's parameter.</summary>
    internal struct Arguments : IKernelArguments
    {
        /// <summary>The residual stream, [tokens, columns].</summary>
        public ArrayView<float> Residual;

        /// <summary>What is added to it first, halves of the same shape, where <see cref="DeltaCount"/> is 1 or 2.</summary>
        public ArrayView<ushort> Delta0;

        /// <summary>What is added next, where <see cref="DeltaCount"/> is 2.</summary>
        public ArrayView<ushort> Delta1;

        /// <summary>The scale of each column.</summary>
        public ArrayView<float> Weight;

        /// <summary>What is added to each column, where <see cref="IsCentered"/> is 1.</summary>
        public ArrayView<float> Bias;

        /// <summary>Receives the normalized rows, halves, from row 0 on.</summary>
        public ArrayView<ushort> Y;

        /// <summary>The first row of the stream.</summary>
        public int FirstRow;

        public int Columns;

        /// <summary>0 to 2.</summary>
        public int DeltaCount;

        /// <summary>1 for LayerNorm, 0 for RMSNorm.</summary>
        public int IsCentered;

        /// <summary>What is added to the variance or mean square.</summary>
        public float Epsilon;

        public readonly void Write(ref ArgumentWriter writer)
        {
            writer.Add(Residual);
            writer.Add(Delta0, Delta1);
            writer.Add(Weight, Bias);
            writer.Add(Y);
            writer.Add(FirstRow, Columns, DeltaCount, IsCentered);
            writer.Add(Epsilon);
        }
    }
}
