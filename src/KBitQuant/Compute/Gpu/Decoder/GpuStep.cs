using System.Diagnostics.CodeAnalysis;
using ILGPU;
using ILGPU.Runtime;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>What a pass through a decoder is about: tokens and their position, on the device (<see cref="StepLayout"/>).</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuStep(GpuDevice device, int maxTokens) : IDisposable
{
    private readonly DeviceArray<int> _array = new(device);
    private readonly int[] _values = new int[StepLayout.FirstToken + maxTokens];

    /// <summary>A pass of one token, in host memory that the device reads by itself: the next kernels need not wait for the host.</summary>
    private PageLockedArray1D<int>? _single;

    /// <summary>All of it; used within calls.</summary>
    public ArrayView<int> View => _array.Reserve(_values.Length);

    /// <summary>Brings a pass to the device, within a call.</summary>
    /// <param name="position">The position of the first token.</param>
    /// <param name="tokens">The tokens.</param>
    public void Upload(int position, ReadOnlySpan<int> tokens)
    {
        _array.Reserve(_values.Length);
        if (tokens.Length == 1)
        {
            // What was copied from there before has arrived: its results were read.
            _single ??= device.Accelerator.AllocatePageLocked1D<int>(StepLayout.FirstToken + 1);
            _single.Span[StepLayout.Position] = position;
            _single.Span[StepLayout.FirstToken] = tokens[0];
            _array.View.SubView(0, _single.Length).CopyFromPageLockedAsync(device.Stream, _single);
            return;
        }

        _values[StepLayout.Position] = position;
        tokens.CopyTo(_values.AsSpan(StepLayout.FirstToken));
        _array.Upload(_values.AsSpan(0, StepLayout.FirstToken + tokens.Length));
    }

    public void Dispose()
    {
        using GpuDevice.Call call = device.EnterUnchecked();
        _array.Dispose();
        if (_single is not null && !device.IsDisposed)
        {
            // The last copy from there may be on its way.
            device.Stream.Synchronize();
            _single.Dispose();
        }

        _single = null;
    }
}
