using System.Diagnostics.CodeAnalysis;
using ILGPU;
using ILGPU.Runtime;

namespace KBitQuant.Compute.Gpu.Decoder.Logits;

/// <summary>The index of the largest value (<see cref="ArgMaxKernel"/>).</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuArgMax(GpuDevice device) : IDisposable
{
    private const int MostValues = ArgMaxKernel.PartLength * ArgMaxKernel.PartLength;

    // Of each part, then of all.
    private readonly DeviceArray<float> _largest = new(device);
    private readonly DeviceArray<int> _indices = new(device);

    /// <summary>In host memory that the device writes by itself: a recorded step brings its result there.</summary>
    private PageLockedArray1D<int>? _result;

    /// <summary>Finds it among the first values, within a call.</summary>
    public int Of(GpuTensor<float> values, int count)
    {
        Begin(values, count);
        return Take();
    }

    /// <summary>Begins to find it.</summary>
    /// <exception cref="NotSupportedException">There are more values than one group can find the largest parts of.</exception>
    public void Begin(GpuTensor<float> values, int count)
    {
        if (count > MostValues)
            throw new NotSupportedException($"On a GPU the largest of at most {MostValues} logits is found; {count} were given.");
        int parts = ((count - 1) / ArgMaxKernel.PartLength) + 1;
        ArrayView<float> largest = _largest.Reserve(parts + 1);
        ArrayView<int> indices = _indices.Reserve(parts + 1);
        ArrayView<int> result = indices.SubView(parts, 1);
        ArgMaxKernel.Kernel.Launch(device, parts, new() { Values = values.View, Indices = indices, Largest = largest, Index = indices, Count = count });
        ArgMaxKernel.Kernel.Launch(device, 1, new()
        {
            Values = largest,
            Indices = indices,
            Largest = largest.SubView(parts, 1),
            Index = result,
            Count = parts,
            HasIndices = 1,
        });
        _result ??= device.Accelerator.AllocatePageLocked1D<int>(1);
        result.CopyToPageLockedAsync(device.Stream, _result);
    }

    /// <summary>The last one begun, when it has been found.</summary>
    public int Take()
    {
        device.Stream.Synchronize();
        return _result!.Span[0];
    }

    public void Dispose()
    {
        using GpuDevice.Call call = device.EnterUnchecked();
        _largest.Dispose();
        _indices.Dispose();
        if (_result is not null && !device.IsDisposed)
        {
            // The last result may be on its way there.
            device.Stream.Synchronize();
            _result.Dispose();
        }

        _result = null;
    }
}
