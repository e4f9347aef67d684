using System.Runtime.InteropServices;
using KBitQuant.Compute;
using KBitQuant.Compute.Cpu;
using KBitQuant.DataTypes;
using KBitQuant.Packing;
using KBitQuant.Quantization;
using KBitQuant.Tests.Quantization;

namespace KBitQuant.Tests.Compute;

public class PreparedWeightTests
{
    /// <summary>Layouts of their own cost at most a twentieth over the canonical bytes, which need not be kept beside them.</summary>
    [Theory]
    [InlineData(ActivationPrecision.Exact)]
    [InlineData(ActivationPrecision.Int8)]
    public void MemoryIsThatOfTheCanonicalBytes(ActivationPrecision activations)
    {
        float[] values = TestData.Normal(512 * 4096, 3);
        foreach (int bits in Enumerable.Range(2, 7))
        {
            foreach (bool nested in new[] { false, true })
            {
                var scheme = new QuantizationScheme(DataTypeCatalog.Get("int" + bits)) { Nested = nested, Offset = nested ? BlockOffset.None : BlockOffset.Mean };
                QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(values, 512, 4096, scheme);
                using PreparedWeight weight = CpuDevice.Default.Prepare(tensor, new KernelPreference { Activations = activations });
                Assert.True(weight.ByteLength <= 1.05 * tensor.ByteLength, $"{weight.KernelName} {tensor}: {weight.ByteLength} bytes, canonical {tensor.ByteLength}");
            }
        }
    }

    [Fact]
    public void TheCanonicalTensorIsNotHeld()
    {
        (WeakReference tensor, PreparedWeight weight) = PrepareAndForget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(tensor.IsAlive);
        weight.Dispose();

        static (WeakReference Tensor, PreparedWeight Weight) PrepareAndForget()
        {
            QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(TestData.Normal(64 * 256, 1), 64, 256, new QuantizationScheme(DataTypeCatalog.Get("nf4")));
            return (new WeakReference(tensor), CpuDevice.Default.Prepare(tensor));
        }
    }

    [Fact]
    public void ProductsAllocateNothingOnceTheyHaveRun()
    {
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(TestData.Normal(512 * 1024, 1), 512, 1024, new QuantizationScheme(DataTypeCatalog.Get("nf4")));
        float[] x = TestData.Normal(16 * 1024, 2);
        var y = new float[16 * 512];
        foreach (ActivationPrecision activations in Enum.GetValues<ActivationPrecision>())
        {
            using PreparedWeight weight = CpuDevice.Default.Prepare(tensor, new KernelPreference { Activations = activations });
            // Which thread takes which part is chance, and each grows its scratch memory once: a few rounds until a call finds all grown.
            Assert.Contains(Enumerable.Range(0, 50), _ =>
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Multiply(weight);
                return GC.GetAllocatedBytesForCurrentThread() == before;
            });
        }

        void Multiply(PreparedWeight weight)
        {
            weight.MatMul<float>(x, 16, y);
            weight.MatMul<float>(x.AsSpan(0, 1024), 1, y.AsSpan(0, 512));
        }
    }

    [Fact]
    public async Task SeveralCallersAtOnceGetTheSameAnswers()
    {
        using var device = new CpuDevice(3);
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(TestData.Normal(300 * 512, 1), 300, 512, new QuantizationScheme(DataTypeCatalog.Get("nf3")));
        using PreparedWeight weight = device.Prepare(tensor);
        float[] x = TestData.Normal(9 * 512, 2);
        var expected = new float[9 * 300];
        weight.MatMul<float>(x, 9, expected);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            var y = new float[9 * 300];
            for (int i = 0; i < 50; i++)
            {
                weight.MatMul<float>(x, 9, y);
                Assert.Equal(expected, y);
            }
        })));
    }

    [Fact]
    public void ArgumentsAreChecked()
    {
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(TestData.Normal(3 * 64, 1), 3, 64, new QuantizationScheme(DataTypeCatalog.Get("nf4")));
        PreparedWeight weight = CpuDevice.Default.Prepare(tensor);
        Assert.Throws<ArgumentException>(() => weight.MatMul<float>(new float[63], 1, new float[3]));
        Assert.Throws<ArgumentException>(() => weight.MatMul<float>(new float[64], 1, new float[4]));
        Assert.Throws<ArgumentException>(() => weight.MatMul<float>(new float[64], 1, new float[3], new float[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => weight.MatMul<float>([], -1, []));
        Assert.Throws<NotSupportedException>(() => weight.MatMul<double>(new double[64], 1, new double[3]));
        weight.MatMul<float>([], 0, []);
        var overlapping = new float[66];
        Assert.Throws<ArgumentException>(() => weight.MatMul<float>(overlapping.AsSpan(0, 64), 1, overlapping.AsSpan(63, 3)));
        var y = new float[3];
        Assert.Throws<ArgumentException>(() => weight.MatMul<float>(new float[64], 1, y, y));
        Assert.Throws<ArgumentException>(() => weight.MatMul<Half>(new Half[64], 1, MemoryMarshal.Cast<float, Half>(y.AsSpan())[3..], y));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KernelPreference { Activations = (ActivationPrecision)2 });
        weight.Dispose();
        Assert.Throws<ObjectDisposedException>(() => weight.MatMul<float>(new float[64], 1, new float[3]));
        weight.Dispose();
    }

    /// <summary>More weight rows than there may be halves in a span of the bytes of as many floats. Memory is compared, not touched.</summary>
    [Fact]
    public unsafe void ABiasMayBeAsLongAsAnIntCounts()
    {
        const int Rows = int.MaxValue;
        const long Bytes = (long)Rows * sizeof(float);
        var weight = new LongWeight(Rows);
        var y = new Span<Half>((void*)Bytes, Rows);
        weight.MatMul<Half>([default], 1, y, new ReadOnlySpan<float>((void*)(3 * Bytes), Rows));
        weight.MatMul<Half>([default], 1, y, new ReadOnlySpan<float>((void*)(Bytes + (Bytes / 2)), Rows));
        Assert.Equal(2, weight.Products);
        foreach (long start in (long[])[Bytes + (Bytes / 2) - sizeof(float), Bytes, sizeof(float)])
        {
            ArgumentException? error = null;
            try
            {
                weight.MatMul<Half>([default], 1, y, new ReadOnlySpan<float>((void*)start, Rows));
            }
            catch (ArgumentException exception)
            {
                error = exception;
            }

            Assert.Contains("overlap", error?.Message, StringComparison.Ordinal);
        }

        Assert.Equal(2, weight.Products);
    }

    /// <summary>Each plane of the layout puts the bits of each code where its picture says.</summary>
    [Fact]
    public void TheRowLaneLayoutIsThatOfItsPicture()
    {
        const int Rows = 18, Columns = 64;
        for (int bits = 2; bits <= 8; bits++)
        {
            byte[] codes = [.. Enumerable.Range(0, Rows * Columns).Select(i => (byte)((i * 2654435761u >> 13) & ((1u << bits) - 1)))];
            var packed = new byte[BitPacking.PackedLength(codes.Length, bits)];
            BitPacking.Pack(codes, bits, packed);
            int low = RowLaneLayout.LowPlaneBits(bits);
            for (int group = 0; group < RowLaneLayout.GroupCount(Rows); group++)
            {
                var units = new byte[Columns / RowLaneLayout.UnitColumns * RowLaneLayout.UnitBytes(bits)];
                RowLaneLayout.PackGroup(packed, bits, Rows, Columns, group, units);
                for (int i = 0; i < RowLaneLayout.Lanes * Columns; i++)
                {
                    (int lane, int column) = Math.DivRem(i, Columns);
                    int row = (group * RowLaneLayout.Lanes) + lane;
                    int expected = row < Rows ? codes[(row * Columns) + column] : 0;
                    Assert.Equal(expected, Read(units, bits, low, lane, column));
                }
            }
        }
    }

    /// <summary>Of one column; counts products.</summary>
    private sealed class LongWeight(int rows) : PreparedWeight(rows, 1, "long")
    {
        public int Products { get; private set; }

        public override long ByteLength => 0;

        protected override void MatMulCore<T>(ReadOnlySpan<T> x, int m, Span<T> y, ReadOnlySpan<float> bias) => Products++;
    }

    private static int Read(byte[] units, int bits, int lowWidth, int lane, int column)
    {
        int unit = column / RowLaneLayout.UnitColumns * RowLaneLayout.UnitBytes(bits);
        (int quad, int byteIndex) = Math.DivRem(column % RowLaneLayout.UnitColumns, RowLaneLayout.QuadColumns);
        if (bits == 3)
            return ReadThreeBits(units, unit, quad, byteIndex, lane);
        int code = 0;
        for (int position = 0, plane = 0; position < bits;)
        {
            int width = position == 0 ? lowWidth : Math.Min(2, bits - position);
            int dword = plane + (quad / (8 / width));
            uint value = BitConverter.ToUInt32(units, unit + (((dword * RowLaneLayout.Lanes) + lane) * sizeof(uint)));
            value = System.Numerics.BitOperations.RotateRight(value, position);
            int shift = (byteIndex * 8) + (quad % (8 / width) * width);
            code |= (int)((value >> shift) & ((1u << width) - 1)) << position;
            plane += width;
            position += width;
        }

        return code;
    }

    private static int ReadThreeBits(byte[] units, int unit, int quad, int byteIndex, int lane)
    {
        int code = 0;
        for (int dword = 0; dword < 3; dword++)
        {
            int field = units[unit + (((dword * RowLaneLayout.Lanes) + lane) * sizeof(uint)) + byteIndex] >> (quad % 2 * 4);
            if (quad / 2 == dword)
                return field & 7;
            if (quad >= 6)
                code |= ((field >> 3) & 1) << dword;
        }

        return code;
    }
}
