using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Decoder.Dense;
using KBitQuant.Compute.Gpu.Decoder.Logits;
using KBitQuant.Transformers.Models.Layers;

namespace KBitQuant.Transformers.Models.Gpu;

/// <summary>A linear layer on a GPU, from halves to halves: quantized or dense.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuLinear : ILoadedLinear, IDisposable
{
    private readonly GpuDevice _device;
    private readonly PreparedWeight? _quantized;
    private readonly GpuDense? _dense;
    private readonly GpuTensor<float>? _bias;

    /// <summary>Takes a quantized weight.</summary>
    public GpuLinear(GpuDevice device, PreparedWeight weight, ReadOnlySpan<float> bias)
        : this(device, bias) => (_quantized, Rows) = (weight, weight.Rows);

    /// <summary>Takes a dense weight.</summary>
    public GpuLinear(GpuDevice device, GpuDense weight, ReadOnlySpan<float> bias)
        : this(device, bias) => (_dense, Rows) = (weight, weight.Rows);

    private GpuLinear(GpuDevice device, ReadOnlySpan<float> bias)
    {
        _device = device;
        _bias = bias.IsEmpty ? null : device.Upload(bias);
    }

    /// <summary>Outputs.</summary>
    public int Rows { get; }

    /// <inheritdoc/>
    public long ByteLength => _quantized?.ByteLength ?? _dense!.ByteLength;

    /// <inheritdoc/>
    public string? KernelName => _quantized?.KernelName;

    /// <summary>[m, columns] to [m, rows], within a call.</summary>
    public void Apply(GpuTensor<Half> x, int m, GpuTensor<Half> y)
    {
        if (_quantized is null)
            _dense!.MatMul(x, m, y, _bias);
        else
            _device.MatMul(_quantized, x, m, y, _bias);
    }

    /// <summary>Whether <see cref="ApplyFused"/> can be called. Asked within a call: it may compile a kernel.</summary>
    public bool CanFuse => (_quantized as GpuPreparedWeight)?.CanFuse ?? false;

    /// <summary>One row, together with what comes before and after it, within a call.</summary>
    public void ApplyFused(FusedInput input, FusedOutput output) => ((GpuPreparedWeight)_quantized!).RunFused(input, output, _bias?.View);

    /// <summary>As <see cref="Apply"/>, to floats: a quantized head gives halves first.</summary>
    public void ComputeLogits(GpuTensor<Half> x, int m, GpuTensor<Half> halves, GpuTensor<float> logits)
    {
        if (_quantized is null)
        {
            _dense!.MatMul(x, m, logits);
            return;
        }

        Apply(x, m, halves);
        WidenKernel.Widen(_device, halves, m * Rows, logits);
    }

    public void Dispose()
    {
        _quantized?.Dispose();
        _dense?.Dispose();
        _bias?.Dispose();
    }
}
