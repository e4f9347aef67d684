using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;
using KBitQuant.Compute.Gpu.Kernels.Portable;
using KBitQuant.Compute.Gpu.Ptx;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>A weight of <see cref="TensorCoreKernel"/> or <see cref="WarpgroupKernel"/>.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class TensorCoreWeight(GpuDevice device, QuantizedTensor tensor, string kernelName, bool hasWarpgroups)
    : GpuPreparedWeight(device, tensor.Rows, tensor.Columns, kernelName)
{
    private const int InputAlignment = 16;

    private readonly Dictionary<BatchWork, BatchPlan> _batchPlans = [];
    private readonly Dictionary<int, PrefillPlan> _prefillPlans = [];
    private readonly PackedWeight _weight = new(device, tensor);
    private readonly int _units = (tensor.Rows + PackedLayout.UnitRows - 1) / PackedLayout.UnitRows;
    private readonly int _slices = (tensor.Columns + PackedLayout.SliceColumns - 1) / PackedLayout.SliceColumns;

    public override long ByteLength => _weight.ByteLength;

    protected override void Launch<TStorage, TElement>(MatMulOperands<TStorage> operands)
    {
        bool isHalf = typeof(TElement) == typeof(HalfElement);
        bool isAligned = CudaAddress.Of(operands.X) % InputAlignment == 0;
        if ((isHalf || typeof(TElement) == typeof(BFloat16Element)) && isAligned)
            Multiply(operands, isHalf);
        else
            PortableKernel.Launch<TStorage, TElement, PackedView>(Device, typeof(TElement) == typeof(SingleElement) ? _weight.ExactView : _weight.View, operands);
    }

    protected override void Dispose(bool disposing)
    {
        // First, so that no product begins on the memory that goes.
        base.Dispose(disposing);
        if (disposing)
            _weight.Dispose();
    }

    /// <summary>How many units' sums fit into shared memory.</summary>
    private int RoundUnits(int m) => (Device.Cuda!.SharedBytes - DecodeGroup.TableBytes) / (_slices * m * DecodeGroup.SumBytes);

    private void Multiply<TStorage>(MatMulOperands<TStorage> operands, bool isHalf)
        where TStorage : unmanaged
    {
        PackedView view = _weight.View;
        var arguments = new DecodeArguments
        {
            Codes = CudaAddress.Of(view.Codes),
            Constants = CudaAddress.Of(view.Constants),
            Offsets = CudaAddress.Of(view.Offsets),
            Table = CudaAddress.Of(isHalf ? _weight.Halves : _weight.BFloat16s),
            X = CudaAddress.Of(operands.X),
            Y = CudaAddress.Of(operands.Y),
            Bias = CudaAddress.Of(operands.Bias),
            HasBias = operands.HasBias,
            M = operands.M,
            N = operands.N,
            K = operands.K,
            Units = _units,
            PaddedUnits = view.Layout.Units,
            Slices = _slices,
            ClusterSize = 1,
        };
        var variant = new WeightVariant(view.Layout.Bits, view.ConstantKind, view.HasOffsets != 0, isHalf);
        if (Crossover.Measured.IsDecode(operands.M, _units, Device.Cuda!.MultiprocessorCount) && RoundUnits(operands.M) > 0)
            Decode(arguments, variant);
        else if (hasWarpgroups && operands.M >= Crossover.Measured.PrefillFrom)
            Prefill(arguments, variant);
        else
            Batch(arguments, variant);
    }

    private void Decode(DecodeArguments arguments, WeightVariant variant)
    {
        CudaKernels cuda = Device.Cuda!;
        int groups = Math.Min(cuda.MultiprocessorCount, _units);
        arguments.RoundUnits = Math.Min(RoundUnits(arguments.M), ((_units - 1) / groups) + 1);
        arguments.Items = (_slices + DecodeGroup.ItemSlices - 1) / DecodeGroup.ItemSlices;
        (arguments.UnitStep, arguments.ItemStep) = Math.DivRem(DecodeGroup.Warps, arguments.Items);
        int sharedBytes = DecodeGroup.TableBytes + (arguments.RoundUnits * _slices * arguments.M * DecodeGroup.SumBytes);
        cuda.Get(new DecodeVariant(variant, arguments.M == 1)).Launch(cuda.Stream, new CudaGrid(groups, DecodeGroup.Size, sharedBytes), arguments);
    }

    private void Batch(DecodeArguments arguments, WeightVariant weight)
    {
        CudaKernels cuda = Device.Cuda!;
        BatchVariant variant = BatchVariant.For(weight, arguments.M, cuda.SharedBytes);
        var work = new BatchWork(_units, _slices, variant.Columns, (arguments.M + variant.Columns - 1) / variant.Columns);
        var gpu = new BatchGpu(cuda.MultiprocessorCount, cuda.SharedBytes + BatchGpu.ReservedBytes);
        CudaFunction function = cuda.Get(variant);
        BatchPlan plan = PlanFor(function, work, gpu);
        arguments.Strips = plan.Strips;
        arguments.ClusterSize = plan.ClusterSize;
        arguments.ConstantScale = ConstantScale(weight);
        arguments.OffsetScale = arguments.ConstantScale * TableScale(weight);
        arguments.OutputScale = 1 / (TableScale(weight) * (variant.IsScaled ? arguments.ConstantScale : 1));
        function.Launch(cuda.Stream, plan.Grid(work, gpu), arguments);
    }

    private BatchPlan PlanFor(CudaFunction function, BatchWork work, BatchGpu gpu)
    {
        if (_batchPlans.TryGetValue(work, out BatchPlan plan))
            return plan;
        plan = BatchPlan.For(work, gpu, Device.Cuda!.Architecture < PtxArchitecture.Hopper ? null : function.CountActiveClusters);
        _batchPlans.Add(work, plan);
        return plan;
    }

    private void Prefill(DecodeArguments product, WeightVariant weight)
    {
        CudaKernels cuda = Device.Cuda!;
        PrefillPlan plan = PlanFor(product.M);
        product.ConstantScale = ConstantScale(weight);
        product.OffsetScale = product.ConstantScale * TableScale(weight);
        product.OutputScale = 1 / product.OffsetScale;
        var arguments = new PrefillArguments
        {
            Product = product,
            Schedule = plan.Schedule,
            Partials = cuda.Exchange.Partials,
            Flags = cuda.Exchange.Flags,
        };
        var grid = PrefillGroup.Launch(plan.Columns, plan.Schedule.Clusters);
        var inputs = CudaMatrixMap.Of(product.X, product.M, product.K, plan.Columns.Count / plan.Columns.ClusterSize);
        cuda.Get(new PrefillVariant(weight, plan.Columns)).Launch(cuda.Stream, grid, arguments, inputs);
    }

    private PrefillPlan PlanFor(int m)
    {
        // Plans know no difference within a tile of the fewest columns.
        int tiles = (m - 1) / PrefillVariant.AllColumns[0].Count;
        if (_prefillPlans.TryGetValue(tiles, out PrefillPlan plan))
            return plan;
        CudaKernels cuda = Device.Cuda!;
        plan = PrefillPlan.For(_units, _slices, m, cuda.MultiprocessorCount, columns => WarpgroupKernel.CountClusters(cuda, columns));
        _prefillPlans.Add(tiles, plan);
        return plan;
    }

    private static float TableScale(WeightVariant weight) => weight.IsHalf ? HalfTensorElement.TableScale : 1;

    /// <summary>What constants that are rounded to elements are multiplied with.</summary>
    private float ConstantScale(WeightVariant weight) => weight.IsHalf ? _weight.ConstantScale : 1;
}
