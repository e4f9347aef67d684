using System.Diagnostics.CodeAnalysis;
using ILGPU;
using ILGPU.Runtime;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Portable;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>A weight of <see cref="TensorCoreKernel"/>.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class TensorCoreWeight(GpuDevice device, QuantizedTensor tensor, string kernelName)
    : GpuPreparedWeight(device, tensor.Rows, tensor.Columns, kernelName)
{
    /// <summary>Input rows of one launch.</summary>
    private const int LargestBatch = 8;

    private const int InputAlignment = 16;

    private readonly PackedWeight _weight = new(device, tensor);
    private readonly int _units = (tensor.Rows + PackedLayout.UnitRows - 1) / PackedLayout.UnitRows;
    private readonly int _slices = (tensor.Columns + PackedLayout.SliceColumns - 1) / PackedLayout.SliceColumns;

    public override long ByteLength => _weight.ByteLength;

    protected override void Launch<TStorage, TElement>(MatMulOperands<TStorage> operands)
    {
        bool isHalf = typeof(TElement) == typeof(HalfElement);
        bool isAligned = Address(operands.X) % InputAlignment == 0;
        if ((isHalf || typeof(TElement) == typeof(BFloat16Element)) && isAligned && RoundUnits(LargestBatch) > 0)
            Decode(operands, isHalf);
        else
            MatVecKernel.Launch<TStorage, TElement, PackedView>(Device, _weight.View, operands);
    }

    protected override void Dispose(bool disposing)
    {
        // First, so that no product begins on the memory that goes.
        base.Dispose(disposing);
        if (disposing)
            _weight.Dispose();
    }

    private static unsafe long Address<T>(ArrayView<T> view)
        where T : unmanaged => (long)view.LoadEffectiveAddressAsPtr();

    /// <summary>How many units' sums fit into shared memory.</summary>
    private int RoundUnits(int m) => (Device.Cuda!.SharedBytes - DecodeGroup.TableBytes) / (_slices * m * DecodeGroup.SumBytes);

    private void Decode<TStorage>(MatMulOperands<TStorage> operands, bool isHalf)
        where TStorage : unmanaged
    {
        CudaKernels cuda = Device.Cuda!;
        PackedView view = _weight.View;
        int groups = Math.Min(cuda.MultiprocessorCount, _units);
        for (int first = 0; first < operands.M; first += LargestBatch)
        {
            int m = Math.Min(LargestBatch, operands.M - first);
            CudaFunction function = cuda.Get(new DecodeVariant(view.Layout.Bits, view.ConstantKind, view.HasOffsets != 0, isHalf, m == 1));
            int roundUnits = Math.Min(RoundUnits(m), ((_units - 1) / groups) + 1);
            var arguments = new DecodeArguments
            {
                Codes = Address(view.Codes),
                Constants = Address(view.Constants),
                Offsets = Address(view.Offsets),
                Table = Address(isHalf ? _weight.Halves : _weight.BFloat16s),
                X = Address(operands.X) + ((long)first * operands.K * sizeof(ushort)),
                Y = Address(operands.Y) + ((long)first * operands.N * sizeof(ushort)),
                Bias = Address(operands.Bias),
                HasBias = operands.HasBias,
                M = m,
                N = operands.N,
                K = operands.K,
                Units = _units,
                Slices = _slices,
                RoundUnits = roundUnits,
            };
            int sharedBytes = DecodeGroup.TableBytes + (roundUnits * _slices * m * DecodeGroup.SumBytes);
            function.Launch(cuda.Stream, groups, DecodeGroup.Size, sharedBytes, arguments);
        }
    }
}
