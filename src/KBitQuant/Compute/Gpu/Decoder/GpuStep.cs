using System.Diagnostics.CodeAnalysis;
using ILGPU;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>What a pass through a decoder is about: tokens and their position, on the device (<see cref="StepLayout"/>).</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuStep(GpuDevice device, int maxTokens) : IDisposable
{
    private readonly DeviceArray<int> _array = new(device);
    private readonly int[] _values = new int[StepLayout.FirstToken + maxTokens];

    /// <summary>All of it; used within calls.</summary>
    public ArrayView<int> View => _array.Reserve(_values.Length);

    /// <summary>Brings a pass to the device, within a call.</summary>
    /// <param name="position">The position of the first token.</param>
    /// <param name="tokens">The tokens.</param>
    public void Upload(int position, ReadOnlySpan<int> tokens)
    {
        _values[StepLayout.Position] = position;
        tokens.CopyTo(_values.AsSpan(StepLayout.FirstToken));
        _array.Reserve(_values.Length);
        _array.Upload(_values.AsSpan(0, StepLayout.FirstToken + tokens.Length));
    }

    public void Dispose() => _array.Dispose();
}
