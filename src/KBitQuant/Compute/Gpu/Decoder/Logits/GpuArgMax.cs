using System.Diagnostics.CodeAnalysis;

namespace KBitQuant.Compute.Gpu.Decoder.Logits;

/// <summary>The index of the largest value (<see cref="ArgMaxKernel"/>).</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuArgMax(GpuDevice device) : IDisposable
{
    private readonly Largest _ofParts = new(device);
    private readonly Largest _ofAll = new(device);
    private readonly int[] _result = new int[1];

    /// <summary>Finds it among the first values, at most 4,194,304 of them, within a call.</summary>
    public int Of(GpuTensor<float> values, int count)
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
        _ofAll.Indices.Download(_result);
        return _result[0];
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
