using KBitQuant.Quantization;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>A weight for exact products.</summary>
internal sealed unsafe class RowLaneWeight(Workers workers, QuantizedTensor tensor, RowLaneFunctions functions, string kernelName)
    : CpuPreparedWeight(tensor.Rows, tensor.Columns, kernelName)
{
    public override long ByteLength => Store.ByteLength;

    public RowLaneStore Store { get; } = new(workers, tensor, functions.TablePlanes, functions.PlaneStep);

    public RowLaneFunctions Functions => functions;

    protected override void MatMul(ReadOnlySpan<float> x, int m, Span<float> y, ReadOnlySpan<float> bias)
    {
        fixed (float* xPointer = x)
        fixed (float* yPointer = y)
        fixed (float* biasPointer = bias)
        {
            if (functions.TakesFew(m))
                RowLaneGemvJob.Run(workers, this, xPointer, m, yPointer, biasPointer);
            else
                RowLaneGemmJob.Run(workers, this, xPointer, m, yPointer, biasPointer);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Store.Free();
        base.Dispose(disposing);
    }
}
