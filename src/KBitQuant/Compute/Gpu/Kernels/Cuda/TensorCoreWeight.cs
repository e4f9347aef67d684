using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Reflection;
using ILGPU;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;
using KBitQuant.Compute.Gpu.Kernels.Portable;
using KBitQuant.Compute.Gpu.Ptx;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>A weight of <see cref="TensorCoreKernel"/> or <see cref="WarpgroupKernel"/>.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class TensorCoreWeight(GpuDevice device, QuantizedTensor tensor, string kernelName, bool hasWarpgroups)
    : GpuPreparedWeight(device, tensor.Rows, tensor.Columns, kernelName)
{
    private const int InputAlignment = 16;

    /// <summary>Slices, and units of a multiprocessor, that are many for one input row.</summary>
    private const int ManySlices = 64;
    private const int ManyUnits = 8;

    private readonly Dictionary<BatchWork, BatchPlan> _batchPlans = [];
    private readonly Dictionary<int, PrefillPlan> _prefillPlans = [];
    private readonly PackedWeight _weight = new(device, tensor);
    private readonly string _variantName = $"{kernelName} of k = {tensor.Scheme.DataType.Bits}";
    private readonly EvenEntries? _even = Counted(tensor.Scheme.DataType);
    private readonly TwoBitTable? _bytes = TwoBitTable.Of(tensor.Scheme.DataType);
    private readonly int _units = (tensor.Rows + PackedLayout.UnitRows - 1) / PackedLayout.UnitRows;
    private readonly int _slices = (tensor.Columns + PackedLayout.SliceColumns - 1) / PackedLayout.SliceColumns;

    public override long ByteLength => _weight.ByteLength;

    protected override void Launch<TStorage, TElement>(MatMulOperands<TStorage> operands)
    {
        bool isHalf = typeof(TElement) == typeof(HalfElement);
        bool isAligned = CudaAddress.Of(operands.X) % InputAlignment == 0;
        if ((isHalf || typeof(TElement) == typeof(BFloat16Element)) && isAligned && Multiply(operands, isHalf))
            return;
        PortableKernel.Launch<TStorage, TElement, PackedView>(Device, typeof(TElement) == typeof(SingleElement) ? _weight.ExactView : _weight.View, operands);
    }

    internal override bool CanFuse => CanBeVector && Find(new DecodeVariant(Variant(isHalf: true))) is not null;

    protected override void LaunchFused(FusedInput input, FusedOutput output, ArrayView<float>? bias)
    {
        DecodeArguments product = Describe(1, isHalf: true);
        (product.X, product.Y) = (input.Address, output.Address);
        product.Bias = CudaAddress.Of(bias ?? Device.Nothing);
        product.HasBias = bias is null ? 0 : 1;
        var arguments = new VectorArguments
        {
            NormWeight = input.NormWeight,
            IsNormalized = input.IsNormalized ? 1 : 0,
            InverseColumns = 1f / Columns,
            Epsilon = input.Epsilon,
            Output = (int)output.Kind,
            Activation = (int)output.Activation,
        };
        Multiply(product, arguments, Variant(isHalf: true));
    }

    protected override void Dispose(bool disposing)
    {
        // First, so that no product begins on the memory that goes.
        base.Dispose(disposing);
        if (disposing)
            _weight.Dispose();
    }

    /// <summary>Whether the kernel for one input row has the shared memory for the sums of a unit.</summary>
    private bool CanBeVector => VectorBytes(1, stages: 1) <= Device.Cuda!.SharedBytes;

    private int VectorBytes(int groupUnits, int stages) => VectorPlace.Bytes(_slices, groupUnits, _weight.View.Layout.Bits, stages);

    private WeightVariant Variant(bool isHalf) => new(_weight.View.Layout.Bits, _weight.View.ConstantKind, _weight.View.HasOffsets != 0, isHalf);

    private DecodeArguments Describe(int m, bool isHalf) => new()
    {
        Codes = CudaAddress.Of(_weight.View.Codes),
        Constants = CudaAddress.Of(_weight.View.Constants),
        Offsets = CudaAddress.Of(_weight.View.Offsets),
        Table = CudaAddress.Of(isHalf ? _weight.Halves : _weight.BFloat16s),
        M = m,
        N = Rows,
        K = Columns,
        Units = _units,
        PaddedUnits = _weight.View.Layout.Units,
        Slices = _slices,
        ClusterSize = 1,
    };

    /// <summary>Starts the product on the tensor cores: by the fastest kernel for so many input rows that the driver takes. False where it
    /// takes none.</summary>
    private bool Multiply<TStorage>(MatMulOperands<TStorage> operands, bool isHalf)
        where TStorage : unmanaged
    {
        DecodeArguments arguments = Describe(operands.M, isHalf);
        (arguments.X, arguments.Y) = (CudaAddress.Of(operands.X), CudaAddress.Of(operands.Y));
        (arguments.Bias, arguments.HasBias) = (CudaAddress.Of(operands.Bias), operands.HasBias);
        WeightVariant variant = Variant(isHalf);
        bool isVector = operands.M == 1 && CanBeVector;
        return (isVector && IsStreamed && Multiply(arguments, default, variant))
            || (operands.M <= StationaryVariant.MostColumns && Stationary(arguments, variant))
            || (isVector && Multiply(arguments, default, variant))
            || (hasWarpgroups && operands.M > StationaryVariant.MostColumns && Prefill(arguments, variant))
            || Batch(arguments, variant);
    }

    /// <summary>Whether the kernel of one input row is faster than that of few, as measured on an H200: for many columns, and for many rows of
    /// 5 bits and more whose values are looked up.</summary>
    private bool IsStreamed
    {
        get
        {
            bool isFaster = _weight.View.Layout.Bits > 4 && _even is null;
            return _slices > ManySlices || (isFaster && _units >= ManyUnits * Device.Cuda!.MultiprocessorCount);
        }
    }

    private CudaFunction? Find(DecodeVariant variant) => Find(variant.Method, DecodeGroup.Size);

    /// <summary>The compiled kernel, or null where the driver rejects it: <see cref="GpuDevice.RejectedKernels"/> then has the reason.</summary>
    private CudaFunction? Find(MethodInfo kernel, int groupSize, int groupsPerMultiprocessor = 1) =>
        Device.Cuda!.TryGet(_variantName, kernel, groupSize, groupsPerMultiprocessor);

    /// <summary>The product of one input row.</summary>
    private bool Multiply(DecodeArguments product, VectorArguments arguments, WeightVariant variant)
    {
        if (Find(new DecodeVariant(variant)) is not { } function)
            return false;
        // Where shared memory has no room for the sums of all units of a group, there are more groups.
        int groups = Math.Min(Device.Cuda!.MultiprocessorCount, _units);
        int waves = 1;
        while (VectorBytes(UnitsOf(groups * waves), stages: 1) > Device.Cuda.SharedBytes)
            waves++;
        groups *= waves;
        arguments.Product = product;
        (arguments.GroupUnits, arguments.RestUnits) = Math.DivRem(_units, groups);
        arguments.SliceStep = DecodeGroup.Warps % _slices;
        arguments.Stages = VectorBytes(UnitsOf(groups), stages: 2) <= Device.Cuda.SharedBytes ? 2 : 1;
        function.Launch(Device.Cuda.Stream, new CudaGrid(groups, DecodeGroup.Size, VectorBytes(UnitsOf(groups), arguments.Stages)), arguments);
        return true;
    }

    /// <summary>The most units of a group.</summary>
    private int UnitsOf(int groups) => ((_units - 1) / groups) + 1;

    private bool Batch(DecodeArguments arguments, WeightVariant weight)
    {
        CudaKernels cuda = Device.Cuda!;
        BatchVariant variant = BatchVariant.For(weight, arguments.M, cuda.SharedBytes);
        if (Find(variant.Method, BatchGroup.MaxSize) is not { } function)
            return false;
        var work = new BatchWork(_units, _slices, variant.Columns, (arguments.M + variant.Columns - 1) / variant.Columns);
        var gpu = new BatchGpu(cuda.MultiprocessorCount, cuda.SharedBytes + BatchGpu.ReservedBytes);
        BatchPlan plan = PlanFor(function, work, gpu);
        arguments.Strips = plan.Strips;
        arguments.ClusterSize = plan.ClusterSize;
        arguments.ConstantScale = ConstantScale(weight);
        arguments.OffsetScale = arguments.ConstantScale * TableScale(weight);
        arguments.OutputScale = 1 / (TableScale(weight) * (variant.IsScaled ? arguments.ConstantScale : 1));
        function.Launch(cuda.Stream, plan.Grid(work, gpu), arguments);
        return true;
    }

    /// <summary>The product of few input rows.</summary>
    private bool Stationary(DecodeArguments product, WeightVariant weight)
    {
        CudaKernels cuda = Device.Cuda!;
        var variant = StationaryVariant.For(weight, product.M, _even is not null, _bytes is not null);
        if (Find(variant.Method, StationaryGroup.MaxSize) is not { } function)
            return false;
        var work = new BatchWork(_units, _slices, variant.Columns, 1);
        var gpu = new BatchGpu(cuda.MultiprocessorCount, cuda.SharedBytes + BatchGpu.ReservedBytes);
        if (StationaryPlan.For(work, variant, gpu, ClusterCounter(function)) is not { } plan)
            return false;
        product.ClusterSize = plan.ClusterSize;
        product.RoundUnits = plan.RoundUnits;
        if (variant.HasBytes)
            (product.ByteValues, product.HalfOnes, product.OffsetScale) = (_bytes!.Value.Bytes, TwoBitTable.HalfOnes, 1 / _bytes.Value.Step);
        else if (variant.IsComputed)
            (product.EvenOrigin, product.OffsetScale) = (weight.CountingStart + _even!.Value.Zero, _even.Value.Divisor);
        else
            product.OffsetScale = TableScale(weight);
        product.OutputScale = 1 / product.OffsetScale;
        var arguments = new StationaryArguments
        {
            Product = product,
            ClusterShift = BitOperations.Log2((uint)plan.ClusterSize),
        };
        (arguments.ClusterTurns, arguments.RestTurns) = Math.DivRem(variant.TurnsOf(_units), plan.Clusters);
        function.Launch(cuda.Stream, plan.Grid(work, variant.StageBytes), arguments);
        return true;
    }

    private BatchPlan PlanFor(CudaFunction function, BatchWork work, BatchGpu gpu)
    {
        if (_batchPlans.TryGetValue(work, out BatchPlan plan))
            return plan;
        plan = BatchPlan.For(work, gpu, ClusterCounter(function));
        _batchPlans.Add(work, plan);
        return plan;
    }

    /// <summary>Says how many clusters of a kernel run at once; null where the device has none.</summary>
    private Func<CudaGrid, int>? ClusterCounter(CudaFunction function) =>
        Device.Cuda!.Architecture < PtxArchitecture.Hopper ? null : function.CountActiveClusters;

    private bool Prefill(DecodeArguments product, WeightVariant weight)
    {
        CudaKernels cuda = Device.Cuda!;
        PrefillPlan plan = PlanFor(product.M);
        bool isEven = _even is not null && weight.CanCount;
        if (Find(new PrefillVariant(weight, plan.Columns, isEven).Method, PrefillGroup.Size, plan.Columns.Neighbors) is not { } function)
            return false;
        product.ConstantScale = ConstantScale(weight) * (isEven ? EvenScale(weight) : 1);
        product.OffsetScale = product.ConstantScale * (isEven ? _even!.Value.Divisor : TableScale(weight));
        product.EvenOrigin = isEven ? weight.CountingStart + _even!.Value.Zero : 0;
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
        function.Launch(cuda.Stream, grid, arguments, inputs);
        return true;
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

    /// <summary>The arithmetic of a table whose values kernels can compute: with zero among its codes.</summary>
    private static EvenEntries? Counted(DataType type) => type.Even is { } even && even.Zero >= 0 && even.Zero < type.Lookup.Length ? even : null;

    private static float TableScale(WeightVariant weight) => weight.IsHalf ? HalfTensorElement.TableScale : 1;

    /// <summary>What integers of k bits are multiplied with to become as large as the table's entries.</summary>
    private static float EvenScale(WeightVariant weight) => weight.IsHalf ? MathF.ScaleB(HalfTensorElement.TableScale, -weight.Bits) : 1;

    /// <summary>What constants that are rounded to elements are multiplied with.</summary>
    private float ConstantScale(WeightVariant weight) => weight.IsHalf ? _weight.ConstantScale : 1;
}
