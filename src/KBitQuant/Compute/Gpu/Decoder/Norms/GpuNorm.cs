using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Gpu.Cuda;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Decoder.Norms;

/// <summary>A normalization of the residual stream (<see cref="NormKernel"/>).</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuNorm : IDisposable
{
    private readonly GpuDevice _device;
    private readonly GpuTensor<float> _weight;
    private readonly GpuTensor<float> _bias;
    private readonly float _epsilon;
    private readonly bool _isCentered;

    /// <summary>Brings its weights to the device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="weight">The scale of each column.</param>
    /// <param name="bias">What is added to each column of a LayerNorm; of an RMSNorm empty.</param>
    /// <param name="epsilon">What is added to the variance or mean square.</param>
    /// <param name="isCentered">Whether it is a LayerNorm.</param>
    public GpuNorm(GpuDevice device, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, float epsilon, bool isCentered)
    {
        (_device, _epsilon, _isCentered) = (device, epsilon, isCentered);
        _weight = device.Upload(weight);
        _bias = device.Upload(bias);
    }

    /// <summary>The bytes of its weights.</summary>
    public long ByteLength => sizeof(float) * ((long)_weight.Length + _bias.Length);

    /// <summary>Whether a product can normalize its inputs so.</summary>
    public bool CanFuse => !_isCentered;

    /// <summary>The stream's first row, normalized by the product that reads it; used within calls.</summary>
    public FusedInput Of(GpuTensor<float> residual) => new(CudaAddress.Of(residual.View), CudaAddress.Of(_weight.View), _epsilon);

    /// <summary>Adds to the stream what sublayers left, and normalizes rows of it, within a call.</summary>
    /// <param name="residual">The stream.</param>
    /// <param name="first">What is added first, if anything.</param>
    /// <param name="second">What is added next, if anything.</param>
    /// <param name="firstRow">The first row.</param>
    /// <param name="rows">How many; at least 1.</param>
    /// <param name="y">Receives them normalized, from row 0 on.</param>
    public void Apply(GpuTensor<float> residual, GpuTensor<Half>? first, GpuTensor<Half>? second, int firstRow, int rows, GpuTensor<Half> y)
    {
        int deltas = first is null ? 0 : second is null ? 1 : 2;
        if (rows > 1 && !_isCentered && _weight.Length % RmsNormKernel.Unit == 0 && RmsNormKernel.Kernel.TryLaunch(_device, (rows, 1), new()
        {
            Residual = CudaAddress.Of(residual.View),
            Delta0 = CudaAddress.Of((first ?? y).View),
            Delta1 = CudaAddress.Of((second ?? y).View),
            DeltaCount = deltas,
            Weight = CudaAddress.Of(_weight.View),
            Epsilon = _epsilon,
            FirstRow = firstRow,
            Columns = _weight.Length,
            Y = CudaAddress.Of(y.View),
        }))
        {
            return;
        }

        NormKernel.Kernel.Launch(_device, rows, new()
        {
            Residual = residual.View,
            Delta0 = (first ?? y).View.Cast<ushort>(),
            Delta1 = (second ?? y).View.Cast<ushort>(),
            DeltaCount = deltas,
            Weight = _weight.View,
            Bias = _bias.View,
            Epsilon = _epsilon,
            IsCentered = _isCentered ? 1 : 0,
            FirstRow = firstRow,
            Columns = _weight.Length,
            Y = y.View.Cast<ushort>(),
        });
    }

    public void Dispose()
    {
        _weight.Dispose();
        _bias.Dispose();
    }
}
