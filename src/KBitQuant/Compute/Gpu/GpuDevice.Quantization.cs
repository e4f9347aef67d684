using ILGPU;
using KBitQuant.Compute.Gpu.Kernels;
using KBitQuant.DataTypes;
using KBitQuant.Numerics;
using KBitQuant.Quantization;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu;

/// <content>Quantizing and dequantizing on the device.</content>
public sealed partial class GpuDevice
{
    /// <summary>Makes room for a quantized tensor in the device's memory; until it is quantized into, all codes and constants are
    /// zero.</summary>
    /// <param name="rows">Rows, at least 0.</param>
    /// <param name="columns">Columns, at least 0.</param>
    /// <param name="scheme">How; a per-tensor data type must be fitted (<see cref="DataType.Fit"/>).</param>
    /// <exception cref="ArgumentException">The data type is not fitted, or there are too many elements.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative.</exception>
    /// <exception cref="ObjectDisposedException">The device is disposed of.</exception>
    public GpuQuantizedTensor AllocateQuantized(int rows, int columns, QuantizationScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        _ = QuantizedTensor.CheckedLength(rows, columns);
        if (scheme.DataType is { IsPerTensor: true, IsFitted: false })
            throw new ArgumentException($"{scheme.DataType} has a table for each tensor; fit it first (DataType.Fit).", nameof(scheme));
        using Call call = Enter();
        return new GpuQuantizedTensor(this, rows, columns, scheme);
    }

    /// <summary>Copies a quantized tensor to the device.</summary>
    /// <param name="tensor">The tensor, in host memory.</param>
    /// <exception cref="ObjectDisposedException">The device is disposed of.</exception>
    public GpuQuantizedTensor Upload(QuantizedTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using Call call = Enter();
        return new GpuQuantizedTensor(this, tensor);
    }

    /// <summary>Quantizes a row-major matrix on the device, to the same bits as
    /// <see cref="BlockwiseQuantizer.Quantize{T}(ReadOnlySpan{T}, int, int, QuantizationScheme)"/>, and waits for it.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="source">Exactly rows * columns elements.</param>
    /// <param name="rows">Rows, at least 0.</param>
    /// <param name="columns">Columns, at least 0.</param>
    /// <param name="scheme">How; a per-tensor data type must be fitted (<see cref="DataType.Fit"/>).</param>
    /// <exception cref="ArgumentException">The length differs, the source is on another device, the data type is not fitted, or an
    /// element is NaN or infinite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative.</exception>
    /// <exception cref="ObjectDisposedException">The device or the source is disposed of.</exception>
    public GpuQuantizedTensor Quantize<T>(GpuTensor<T> source, int rows, int columns, QuantizationScheme scheme)
        where T : unmanaged
    {
        GpuQuantizedTensor destination = AllocateQuantized(rows, columns, scheme);
        try
        {
            Quantize(source, destination);
            destination.ThrowIfNotFinite();
            return destination;
        }
        catch
        {
            destination.Dispose();
            throw;
        }
    }

    /// <summary>Quantizes into a tensor that is on the device: returns when the work has been put in line, not when it is done (where
    /// the scheme nests its constants, it waits for them). Whether all values could be quantized,
    /// <see cref="GpuQuantizedTensor.ThrowIfNotFinite"/> tells; blocks with others hold code 0.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="source">As many elements as the destination.</param>
    /// <param name="destination">Receives codes and constants; its scheme says how.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a tensor is on another device.</exception>
    /// <exception cref="ObjectDisposedException">The device or a tensor is disposed of.</exception>
    public void Quantize<T>(GpuTensor<T> source, GpuQuantizedTensor destination)
        where T : unmanaged
    {
        ThrowIfMismatched(source, destination);
        using Call call = Enter();
        if (destination.Length == 0)
            return;
        if (typeof(T) == typeof(float))
            DeviceQuantization<float, SingleElement>.Quantize(this, source.View.Cast<float>(), destination);
        else if (typeof(T) == typeof(Half))
            DeviceQuantization<ushort, HalfElement>.Quantize(this, source.View.Cast<ushort>(), destination);
        else
            DeviceQuantization<ushort, BFloat16Element>.Quantize(this, source.View.Cast<ushort>(), destination);
        destination.NestConstants();
    }

    /// <summary>Dequantizes all elements in row-major order, with the same bits as
    /// <see cref="BlockwiseQuantizer.Dequantize{T}(QuantizedTensor, Span{T})"/> (of a NaN, only that it is one): returns when the work
    /// has been put in line, not when it is done.</summary>
    /// <typeparam name="T">Half, BFloat16 or float; values are computed in float and rounded.</typeparam>
    /// <param name="tensor">The tensor.</param>
    /// <param name="destination">Exactly as many elements.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a tensor is on another device.</exception>
    /// <exception cref="ObjectDisposedException">The device or a tensor is disposed of.</exception>
    public void Dequantize<T>(GpuQuantizedTensor tensor, GpuTensor<T> destination)
        where T : unmanaged
    {
        ThrowIfMismatched(destination, tensor);
        using Call call = Enter();
        if (tensor.Length > 0)
            Dequantize(tensor, destination.View);
    }

    /// <summary>Dequantizes all elements in row-major order, with the same bits as
    /// <see cref="BlockwiseQuantizer.Dequantize{T}(QuantizedTensor, Span{T})"/> (of a NaN, only that it is one).</summary>
    /// <typeparam name="T">Half, BFloat16 or float; values are computed in float and rounded.</typeparam>
    /// <param name="tensor">The tensor, in host memory.</param>
    /// <param name="destination">Exactly as many elements, in host memory.</param>
    /// <exception cref="ArgumentException">The length differs.</exception>
    /// <exception cref="NotSupportedException">Another element type.</exception>
    /// <exception cref="ObjectDisposedException">The device is disposed of.</exception>
    public void Dequantize<T>(QuantizedTensor tensor, Span<T> destination)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Elements.ThrowIfUnsupported<T>();
        if (destination.Length != tensor.Length)
            throw new ArgumentException($"{tensor} has {tensor.Length} elements; a span for {destination.Length} was given.", nameof(destination));
        using Call call = Enter();
        if (destination.IsEmpty)
            return;
        using var uploaded = new GpuQuantizedTensor(this, tensor);
        using var values = new DeviceArray<T>(this);
        Dequantize(uploaded, values.Reserve(tensor.Length));
        values.Download(destination);
    }

    private void Dequantize<T>(GpuQuantizedTensor tensor, ArrayView<T> values)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
            DeviceQuantization<float, SingleElement>.Dequantize(this, tensor, values.Cast<float>());
        else if (typeof(T) == typeof(Half))
            DeviceQuantization<ushort, HalfElement>.Dequantize(this, tensor, values.Cast<ushort>());
        else
            DeviceQuantization<ushort, BFloat16Element>.Dequantize(this, tensor, values.Cast<ushort>());
    }

    private void ThrowIfMismatched<T>(GpuTensor<T> values, GpuQuantizedTensor tensor)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(tensor);
        if (values.Device != this || tensor.Device != this)
            throw new ArgumentException("A tensor is on another device.");
        if (values.Length != tensor.Length)
            throw new ArgumentException($"[{tensor.Rows}, {tensor.Columns}] has {tensor.Length} elements; a tensor of {values.Length} was given.");
    }
}
