using System.Diagnostics.CodeAnalysis;
using ILGPU.Runtime;

namespace KBitQuant.Compute.Gpu.Decoder.Logits;

/// <summary>The index of the largest value (<see cref="ArgMaxKernel"/>).</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuArgMax(GpuDevice device) : IDisposable
{
    private readonly Largest _ofParts = new(device);
    private readonly Largest _ofAll = new(device);

    /// <summary>In host memory that the device writes by itself: a recorded step brings its result there.</summary>
    private PageLockedArray1D<int>? _result;

    /// <summary>Finds it among the first values, at most 4,194,304 of them, within a call.</summary>
    public int Of(GpuTensor<float> values, int count)
    {
        Begin(values, count);
        return Take();
    }

    /// <summary>Begins to find it.</summary>
    public void Begin(GpuTensor<float> values, int count)
    {
        int parts = ((count - 1) / ArgMaxKernel.PartLength) + 1;
        ArgMaxKernel.Kernel.Launch(device, parts, new()
        {
            Values = values.View,
            Indices = _ofParts.Indices.Reserve(parts),
            Largest = _ofParts.Values.Reserve(parts),
            Index = _ofParts.Indices.View,
            Count = count,
        });
        ArgMaxKernel.Kernel.Launch(device, 1, new()
        {
            Values = _ofParts.Values.View,
            Indices = _ofParts.Indices.View,
            Largest = _ofAll.Values.Reserve(1),
            Index = _ofAll.Indices.Reserve(1),
            Count = parts,
            HasIndices = 1,
        });
        _result ??= device.Accelerator.AllocatePageLocked1D<int>(1);
        _ofAll.Indices.View.SubView(0, 1).CopyToPageLockedAsync(device.Stream, _result);
    }

    /// <summary>The last one begun, when it has been found.</summary>
    public int Take()
    {
        device.Stream.Synchronize();
        return _result!.Span[0];
    }

    public void Dispose()
    {
        _ofParts.Dispose();
        _ofAll.Dispose();
    }

    /// <summary>The largest values of some parts.</summary>
    [RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
    private sealed class Largest(GpuDevice device) : IDisposable
    {
        public DeviceArray<float> Values { get; } = new(device);

        public DeviceArray<int> Indices { get; } = new(device);

        public void Dispose()
        {
            Values.Dispose();
            Indices.Dispose();
        }
    }
}
