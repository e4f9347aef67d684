using System.Globalization;
using KBitQuant.Compute;
using KBitQuant.Compute.Benchmarking;
using KBitQuant.Compute.Cpu;
using KBitQuant.Compute.Cpu.Kernels;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Compute.Benchmarking;

public class ExpectedOutputsTests
{
    private const int Rows = 24;
    private const int Columns = 160;
    private const int InputRows = 3;

    private static readonly float[] Inputs = TestInputs();

    [Theory]
    [InlineData("nf4", 64, BlockOffset.None, false)]
    [InlineData("int3", 100, BlockOffset.Mean, true)]
    [InlineData("quantile5", QuantizationScheme.WholeTensor, BlockOffset.Minimum, false)]
    [InlineData("fp8-e4m3", 32, BlockOffset.None, true)]
    public void TheReferencePassesAndASmallErrorAnywhereDoesNot(string type, int block, BlockOffset offset, bool nested)
    {
        QuantizedTensor tensor = RandomWeight.Make(Rows, Columns, new(DataTypeCatalog.Get(type), block) { Offset = offset, Nested = nested }, seed: 7);
        var expected = new ExpectedOutputs(tensor, Inputs);
        float[] y = Multiply(tensor);
        Assert.InRange(expected.Check(y, default, default), 0, Math.ScaleB(1, -24));
        for (int i = 0; i < y.Length; i++)
        {
            float right = y[i];
            foreach (float wrong in new[] { right + 0.001f, float.NaN })
            {
                y[i] = wrong;
                Assert.Throws<InvalidOperationException>(() => expected.Check(y, default, default));
            }

            y[i] = right;
        }
    }

    [Fact]
    public void InputsOf8BitsMayErrMore()
    {
        QuantizedTensor tensor = RandomWeight.Make(Rows, Columns, new(DataTypeCatalog.Get("nf4")), seed: 7);
        var expected = new ExpectedOutputs(tensor, Inputs);
        float[] y = Multiply(tensor);
        y[5] += 0.001f;
        expected.Check(y, new(0, ActivationPrecision.Int8), default);
    }

    [Fact]
    public void TheMessageIsTheSameInEveryCulture()
    {
        QuantizedTensor tensor = RandomWeight.Make(Rows, Columns, new(DataTypeCatalog.Get("nf4")), seed: 7);
        var expected = new ExpectedOutputs(tensor, Inputs);
        float[] y = Multiply(tensor);
        y[5] = 1234.5f;
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            string message = Assert.Throws<InvalidOperationException>(() => expected.Check(y, default, default)).Message;
            Assert.StartsWith("output (0, 5) is 1234.5; it should be ", message, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"\d,\d", message);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void RowsOfInputsRepeat()
    {
        QuantizedTensor tensor = RandomWeight.Make(Rows, Columns, new(DataTypeCatalog.Get("nf4")), seed: 7);
        float[] y = Multiply(tensor);
        new ExpectedOutputs(tensor, Inputs).Check([.. y, .. y, .. y.AsSpan(0, Rows)], default, default);
    }

    private static float[] Multiply(QuantizedTensor tensor)
    {
        using PreparedWeight weight = CpuDevice.Default.Prepare(tensor, new() { KernelName = ReferenceKernel.Id });
        var y = new float[InputRows * Rows];
        weight.MatMul<float>(Inputs, InputRows, y);
        return y;
    }

    private static float[] TestInputs()
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, InputRows * Columns).Select(_ => (random.NextSingle() * 2) - 1)];
    }
}
