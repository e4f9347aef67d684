using KBitQuant.Compute;
using KBitQuant.Compute.Cpu;
using KBitQuant.Quantization;

namespace KBitQuant.Transformers.Tests.Models;

/// <summary>A device as programs make their own: runs every weight by a kernel of its own.</summary>
/// <param name="whenUsed">Called at each product.</param>
internal sealed class OwnDevice(Action whenUsed) : ComputeDevice
{
    public override string Name => "own";

    public override IReadOnlyList<string> KernelNames => [Name];

    public override PreparedWeight Prepare(QuantizedTensor weight, KernelPreference? preference = null) =>
        new Weight(CpuDevice.Default.Prepare(weight, preference), Name, whenUsed);

    private sealed class Weight(PreparedWeight inner, string kernel, Action whenUsed) : PreparedWeight(inner.Rows, inner.Columns, kernel)
    {
        public override long ByteLength => inner.ByteLength;

        protected override void MatMulCore<T>(ReadOnlySpan<T> x, int m, Span<T> y, ReadOnlySpan<float> bias)
        {
            whenUsed();
            inner.MatMul(x, m, y, bias);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
