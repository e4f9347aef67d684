using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;
using KBitQuant.Compute.Gpu.Ptx;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>As <see cref="TensorCoreKernel"/>, with the warpgroups of architecture 90 for large batches.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class WarpgroupKernel : GpuMatMulKernel
{
    private const string Id = "cuda-warpgroup";

    /// <summary>What the kernel that clusters are counted with is called among those that are rejected.</summary>
    private const string ClusterName = $"{Id} in clusters";

    private readonly TensorCoreKernel _tensorCores = new();

    public override string Name => Id;

    public override string? ReasonToRefuse(GpuDevice device)
    {
        if (_tensorCores.ReasonToRefuse(device) is { } reason)
            return reason;
        if (device.Cuda!.Architecture != PtxArchitecture.Hopper)
            return $"the device has architecture {device.Cuda.Architecture}, not {PtxArchitecture.Hopper}";
        int sharedBytes = PrefillVariant.AllColumns.Max(columns => PrefillGroup.SharedBytes(columns));
        if (device.Cuda.SharedBytes < sharedBytes)
            return $"groups have {device.Cuda.SharedBytes} bytes of shared memory, fewer than {sharedBytes}";
        return CountClusters(device.Cuda, default(Columns256)) > 0 ? null
            : device.Cuda.Rejected.GetValueOrDefault(ClusterName, "clusters of groups do not fit");
    }

    /// <summary>How many clusters run at the same time, whichever the weight; 0 also where the kernel is rejected.</summary>
    public static int CountClusters(CudaKernels cuda, IPrefillColumns columns)
    {
        if (columns.ClusterSize == 1)
            return cuda.MultiprocessorCount * PrefillGroup.Neighbors(columns, cuda.SharedBytes);
        var variant = new PrefillVariant(new(4, PackedView.HalfConstants, HasOffsets: false, IsHalf: true), columns, IsEven: false);
        CudaFunction? function = cuda.TryGet(ClusterName, variant.Method, PrefillGroup.Size, columns.Neighbors);
        return function?.CountActiveClusters(PrefillGroup.Launch(columns, 1)) ?? 0;
    }

    public override string? ReasonToRefuse(QuantizationScheme scheme, int rows, int columns) => _tensorCores.ReasonToRefuse(scheme, rows, columns);

    public override double TableRoundoff(Type element) => _tensorCores.TableRoundoff(element);

    public override PreparedWeight Prepare(GpuDevice device, QuantizedTensor weight)
    {
        using GpuDevice.Call call = device.Enter();
        return new TensorCoreWeight(device, weight, Id, hasWarpgroups: true);
    }
}
