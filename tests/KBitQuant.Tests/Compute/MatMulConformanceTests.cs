using KBitQuant.Compute;
using KBitQuant.Compute.Cpu;
using KBitQuant.Compute.Cpu.Kernels;
using KBitQuant.DataTypes;
using KBitQuant.Numerics;
using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Compute;

/// <summary>
/// Every kernel in the tables against the reference, which computes in double. A kernel added to a table is tested without a line
/// here.
/// </summary>
/// <remarks>
/// The bound. With u = 2^-24, each float operation gives its exact result times (1 + d), |d| at most u. A product x * w on its way
/// to y meets at most: the rounding of constant * entry, that of the sum with the offset, that of the product with x, and, in
/// whatever order K products and a bias are added, K sums: K + 3. The reference's own rounding to float is one more, and its
/// doubles are far within the rest of it. So |y - reference| is at most (n u / (1 - n u)) * S, n = K + 4, with
/// S = sum of |x| (|constant * entry| + |offset|), + |bias|: the offset may cancel what it is added to, so magnitudes are summed.
/// Kernels may fuse a product and a sum, which is one rounding fewer. All products are 0 or well within the range of normal floats.
/// A kernel that rounds table entries to a 16-bit format first says so; its roundoff adds to the n u.
/// A 16-bit output adds half a unit of its last place: 2^-11 (Half) or 2^-8 (BFloat16) of the magnitude, or half the smallest
/// subnormal.
/// Kernels that round inputs to 8 bits (<see cref="ActivationPrecision.Int8"/>) add, for every block of up to 64 inputs, half a step of
/// absmax / 127 an input (and the few roundings of the division), times |w|; and, where they round the table to steps of 1/63, half a
/// step of the constant, times |x|. Their sums are exact or as above.
/// </remarks>
[Trait("Category", "Isa")]
public class MatMulConformanceTests
{
    private static readonly double Roundoff = Math.ScaleB(1, -24);

    public static IEnumerable<TheoryDataRow<object>> Cases =>
        from device in TestDevices.All
        from kernel in TestDevices.KernelsOf(device)
        from @case in ConformanceCase.For(device)
        where TestDevices.ReasonToRefuse(device, kernel, @case.Scheme, @case.Shape.Rows, @case.Shape.Columns) is null
        select new TheoryDataRow<object>(new KernelCase(device, kernel, @case));

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void AgreesWithTheReference(object data)
    {
        var (device, kernel, @case) = (KernelCase)data;
        using QuantizedProduct product = new(device, kernel, @case.Quantize());
        if (@case.Element == typeof(float))
            Check<float>(product, @case, 0, 0);
        else if (@case.Element == typeof(Half))
            Check<Half>(product, @case, Math.ScaleB(1, -11), Math.ScaleB(1, -25));
        else
            Check<BFloat16>(product, @case, Math.ScaleB(1, -8), Math.ScaleB(1, -134));
    }

    [Fact]
    public void AKernelThatRefusesSaysWhyAndOthersTakeOver()
    {
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(new float[51], 3, 17, new QuantizationScheme(DataTypeCatalog.Get("nf4")));
        foreach (MatMulKernel<CpuDevice> kernel in CpuKernels.All)
        {
            if (kernel.ReasonToRefuse(tensor.Scheme, tensor.Rows, tensor.Columns) is not { } reason)
                continue;
            var error = Assert.Throws<NotSupportedException>(() => CpuDevice.Default.Prepare(tensor, new KernelPreference { KernelName = kernel.Name }));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            Assert.Contains(kernel.Name, error.Message, StringComparison.Ordinal);
        }

        Assert.NotNull(CpuDevice.Default.Prepare(tensor));
        var unknown = Assert.Throws<NotSupportedException>(() => CpuDevice.Default.Prepare(tensor, new KernelPreference { KernelName = "none" }));
        Assert.Contains(ReferenceKernel.Id, unknown.Message, StringComparison.Ordinal);
    }

    /// <summary>Rounding is allowed, not demanded: a table of more entries than any kernel rounds is multiplied as it is.</summary>
    [Fact]
    public void WhereNoKernelRoundsInputsAnExactOneIsTaken()
    {
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(new float[16 * 64], 16, 64, new QuantizationScheme(DataTypeCatalog.Get("nf6")));
        using PreparedWeight weight = CpuDevice.Default.Prepare(tensor, new KernelPreference { Activations = ActivationPrecision.Int8 });
        Assert.Equal(ActivationPrecision.Exact, TestDevices.ActivationsOf(TestDevices.Cpu, weight.KernelName));
    }

    /// <summary>16 rows of codes are laid out together, however few there are: the longest that take no more bytes than an int counts.</summary>
    [Fact]
    public void RowsThatAreTooLongToLayOutAreDecodedInstead()
    {
        foreach (int bits in Enumerable.Range(2, 7))
        {
            var scheme = new QuantizationScheme(DataTypeCatalog.Get($"int{bits}"));
            int longest = int.MaxValue / (2 * bits) / 64 * 64;
            Assert.StartsWith("row-lanes", First(longest), StringComparison.Ordinal);
            Assert.Equal("decode-row", First(longest + 64));
            Assert.Equal("decode-row", First(QuantizedTensor.MaxLength / 64 * 64));

            string First(int columns) => CpuKernels.All.First(kernel =>
                kernel.Activations == ActivationPrecision.Exact && kernel.ReasonToRefuse(scheme, 1, columns) is null).Name;
        }
    }

    private static void Check<T>(QuantizedProduct product, ConformanceCase @case, double relativeRounding, double absoluteRounding)
        where T : unmanaged
    {
        T[] x = @case.Inputs<T>();
        float[] bias = @case.Bias();
        var y = new T[@case.BatchSize * @case.Shape.Rows];
        product.Weight.MatMul<T>(x, @case.BatchSize, y, bias);
        float[] actual = Widen<T>(y);
        // Kernels are deterministic: the same bits again.
        product.Weight.MatMul<T>(x, @case.BatchSize, y, bias);
        Assert.Equal(actual.Select(Bits), Widen<T>(y).Select(Bits));
        float[] wideX = Widen<T>(x);
        var expected = new float[y.Length];
        product.Reference.MatMul<float>(wideX, @case.BatchSize, expected, bias);
        double[] magnitudes = Magnitudes(product.Tensor);
        int n = @case.Shape.Columns + 4;
        double roundoff = n * Roundoff / (1 - (n * Roundoff));
        roundoff += product.TableRoundoff(typeof(T)) * (1 + roundoff);
        for (int i = 0; i < y.Length; i++)
        {
            Assert.Equal(float.IsFinite(expected[i]), float.IsFinite(actual[i]));
            if (!float.IsFinite(expected[i]))
                continue;
            (int row, int column) = Math.DivRem(i, @case.Shape.Rows);
            double sum = bias.Length == 0 ? 0 : Math.Abs(bias[column]);
            for (int k = 0; k < @case.Shape.Columns; k++)
                sum += Math.Abs(wideX[(row * @case.Shape.Columns) + k]) * magnitudes[(column * @case.Shape.Columns) + k];
            double bound = roundoff * sum;
            if (product.Activations == ActivationPrecision.Int8)
                bound += Int8Error(wideX.AsSpan(row * @case.Shape.Columns, @case.Shape.Columns), magnitudes.AsSpan(column * @case.Shape.Columns), product.Tensor, column);
            bound += ((Math.Abs(expected[i]) + bound) * relativeRounding) + absoluteRounding;
            Assert.InRange(actual[i], expected[i] - bound, expected[i] + bound);
        }
    }

    private static double Int8Error(ReadOnlySpan<float> x, ReadOnlySpan<double> magnitudes, QuantizedTensor tensor, int row)
    {
        const int Block = 64;
        var constants = new float[tensor.BlockCount];
        tensor.DecodeConstants(constants);
        int blockSize = tensor.Scheme.BlockSizeFor(tensor.Length);
        double halfTableStep = tensor.Scheme.DataType.IsUniform ? 0 : 0.5 / 63;
        double error = 0;
        for (int start = 0; start < x.Length; start += Block)
        {
            ReadOnlySpan<float> block = x.Slice(start, Math.Min(Block, x.Length - start));
            double halfStep = 0;
            foreach (float value in block)
                halfStep = Math.Max(halfStep, Math.Abs(value) / 254 * (1 + Math.ScaleB(1, -14)));
            for (int k = start; k < start + block.Length; k++)
            {
                double constant = Math.Abs(constants[((row * tensor.Columns) + k) / blockSize]);
                error += (halfStep * magnitudes[k]) + ((Math.Abs(x[k]) + halfStep) * constant * halfTableStep);
            }
        }

        return error;
    }

    /// <summary>|constant * entry| + |offset| of every element.</summary>
    private static double[] Magnitudes(QuantizedTensor tensor)
    {
        var constants = new float[tensor.BlockCount];
        var offsets = new float[tensor.BlockCount];
        var codes = new byte[tensor.Length];
        tensor.DecodeConstants(constants);
        tensor.DecodeOffsets(offsets);
        BitPacking.Unpack(tensor.Codes, tensor.Scheme.DataType.Bits, codes);
        int blockSize = tensor.Scheme.BlockSizeFor(tensor.Length);
        var magnitudes = new double[tensor.Length];
        for (int i = 0; i < magnitudes.Length; i++)
            magnitudes[i] = Math.Abs((double)constants[i / blockSize] * tensor.Scheme.DataType.Codebook[codes[i]]) + Math.Abs(offsets[i / blockSize]);
        return magnitudes;
    }

    /// <summary>The bits of a number; those of a NaN may be any that say so.</summary>
    private static int Bits(float value) => BitConverter.SingleToInt32Bits(float.IsNaN(value) ? float.NaN : value);

    private static float[] Widen<T>(T[] values)
        where T : unmanaged
    {
        var wide = new float[values.Length];
        Elements.ToSingle<T>(values, wide);
        return wide;
    }

    private sealed record KernelCase(string Device, string Kernel, ConformanceCase Case)
    {
        public override string ToString() => $"{Device} {Kernel} {Case}";
    }

    private sealed class QuantizedProduct(string device, string kernel, QuantizedTensor tensor) : IDisposable
    {
        public QuantizedTensor Tensor => tensor;

        public ActivationPrecision Activations { get; } = TestDevices.ActivationsOf(device, kernel);

        public PreparedWeight Weight { get; } = TestDevices.Get(device).Prepare(tensor, new KernelPreference { KernelName = kernel });

        public PreparedWeight Reference { get; } = CpuDevice.Default.Prepare(tensor, new KernelPreference { KernelName = ReferenceKernel.Id });

        public double TableRoundoff(Type element) => TestDevices.TableRoundoff(device, kernel, element);

        public void Dispose()
        {
            Weight.Dispose();
            Reference.Dispose();
        }
    }
}
