using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Ptx;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>16-bit inputs on the tensor cores of NVIDIA GPUs, from <see cref="PackedLayout"/>. Other inputs are multiplied by the
/// portable kernel from the same layout.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class TensorCoreKernel : GpuMatMulKernel
{
    private const string Id = "cuda-tensorcore";

    public override string Name => Id;

    public override string? ReasonToRefuse(GpuDevice device)
    {
        if (device.Cuda is null)
            return "the device is not one of CUDA";
        if (device.Cuda.Architecture < PtxArchitecture.Ampere)
            return $"the device has architecture {device.Cuda.Architecture}, below {PtxArchitecture.Ampere}";
        if (device.Cuda.SharedBytes < DecodeGroup.TableBytes)
            return $"groups have {device.Cuda.SharedBytes} bytes of shared memory, fewer than {DecodeGroup.TableBytes}";
        try
        {
            device.Cuda.Get(new DecodeVariant(new(4, PackedView.HalfConstants, HasOffsets: false, IsHalf: true)));
            int start = SharedStart(device);
            return start == PtxMemory.SharedStart ? null : $"shared memory begins at {start}, not at {PtxMemory.SharedStart}";
        }
        catch (Exception exception) when (CudaKernels.IsRejection(exception))
        {
            return exception.GetBaseException().Message;
        }
    }

    public override string? ReasonToRefuse(QuantizationScheme scheme, int rows, int columns)
    {
        if (scheme.DataType.Bits < 2)
            return "k is 1";
        if (rows == 0 || columns == 0 || columns % PackedLayout.TileColumns != 0)
            return $"K is not a multiple of {PackedLayout.TileColumns}";
        if (scheme.BlockSize % PackedLayout.ChunkColumns != 0)
            return $"blocks are not a multiple of {PackedLayout.ChunkColumns}";
        return HasSmallEntries(scheme.DataType) ? "table entries are too small for halves" : null;
    }

    // Once for the entry; in larger batches again for the constant and for their product.
    public override double TableRoundoff(Type element) =>
        3 * (element == typeof(Half) ? Math.ScaleB(1, -11) : element == typeof(float) ? 0 : Math.ScaleB(1, -8));

    public override PreparedWeight Prepare(GpuDevice device, QuantizedTensor weight)
    {
        using GpuDevice.Call call = device.Enter();
        return new TensorCoreWeight(device, weight, Id, hasWarpgroups: false);
    }

    private static int SharedStart(GpuDevice device)
    {
        using var result = new DeviceArray<ushort>(device);
        CudaFunction probe = device.Cuda!.Get(((Action<ProbeKernel.Arguments>)ProbeKernel.Run).Method, ProbeKernel.GroupSize);
        var arguments = new ProbeKernel.Arguments { Result = CudaAddress.Of(result.Reserve(1)) };
        probe.Launch(device.Cuda.Stream, new CudaGrid(1, ProbeKernel.GroupSize), arguments);
        var start = new ushort[1];
        result.Download(start);
        return start[0];
    }

    private static bool HasSmallEntries(DataType type)
    {
        foreach (float entry in type.Codebook)
        {
            if (entry != 0 && Math.Abs(entry) < HalfTensorElement.SmallestEntry)
                return true;
        }

        return false;
    }
}
