using System.Diagnostics.CodeAnalysis;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>The index of the largest value (<see cref="ArgMaxKernel"/>).</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuArgMax(GpuDevice device) : IDisposable
{
    private readonly DeviceArray<int> _index = new(device);
    private readonly int[] _result = new int[1];

    /// <summary>Finds it among the first values, within a call.</summary>
    public int Of(GpuTensor<float> values, int count)
    {
        ArgMaxKernel.Kernel.Launch(device, 1, new() { Values = values.View, Index = _index.Reserve(1), Count = count });
        _index.Download(_result);
        return _result[0];
    }

    public void Dispose() => _index.Dispose();
}
