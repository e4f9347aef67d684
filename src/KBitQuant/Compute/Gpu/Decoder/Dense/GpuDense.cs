using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Decoder.Dense.TensorCores;
using KBitQuant.Compute.Gpu.Kernels;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Kernels.Portable;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Decoder.Dense;

/// <summary>A weight on a GPU that is left as it is, [N, K]: a linear layer, an embedding, or both.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal abstract class GpuDense(GpuDevice device, int rows, int columns) : IDisposable
{
    /// <summary>N.</summary>
    public int Rows => rows;

    /// <summary>K.</summary>
    public int Columns => columns;

    /// <summary>The bytes it takes.</summary>
    public abstract long ByteLength { get; }

    protected GpuDevice Device => device;

    /// <summary>Brings a weight to the device.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    public static GpuDense Create<T>(GpuDevice device, ReadOnlySpan<T> weight, int rows, int columns)
        where T : unmanaged => typeof(T) == typeof(float)
            ? new GpuDense<T, float, SingleElement, SingleElement>(device, weight, rows, columns)
            : typeof(T) == typeof(Half)
                ? new GpuDense<T, ushort, PortablePlatform, CudaPlatform>(device, weight, rows, columns)
                : new GpuDense<T, ushort, BFloat16Element, BFloat16Element>(device, weight, rows, columns);

    /// <summary>Copies the rows of a pass's tokens to the residual stream, within a call.</summary>
    public abstract void Gather(GpuStep step, int tokens, GpuTensor<float> residual);

    /// <summary>y = x W^T (+ bias), within a call.</summary>
    public void MatMul(GpuTensor<Half> x, int m, GpuTensor<Half> y, GpuTensor<float>? bias) =>
        MatMul(x, m, y.View.Cast<ushort>(), device.Nothing, bias, isSingle: false);

    /// <summary>y = x W^T, not rounded to halves, within a call.</summary>
    public void MatMul(GpuTensor<Half> x, int m, GpuTensor<float> y) => MatMul(x, m, x.View.Cast<ushort>(), y.View, null, isSingle: true);

    public abstract void Dispose();

    protected abstract void MatMul(
        GpuTensor<Half> x, int m, ArrayView<ushort> halves, ArrayView<float> singles, GpuTensor<float>? bias, bool isSingle);
}

/// <summary>A dense weight in one element type.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuDense<T, TStorage, TPortable, TCuda> : GpuDense
    where T : unmanaged
    where TStorage : unmanaged
    where TPortable : struct, IElement<TStorage>
    where TCuda : struct, IElement<TStorage>
{
    /// <summary>Up to so many input rows are multiplied one by one.</summary>
    private const int FewRows = 4;

    private readonly GpuTensor<T> _weight;

    public GpuDense(GpuDevice device, ReadOnlySpan<T> weight, int rows, int columns)
        : base(device, rows, columns) => _weight = device.Upload(weight);

    public override long ByteLength => _weight.ByteLength;

    private ArrayView<TStorage> Weight => _weight.View.Cast<TStorage>();

    public override void Gather(GpuStep step, int tokens, GpuTensor<float> residual) =>
        EmbeddingKernel<TStorage, TPortable, TCuda>.Kernel.Launch(Device, tokens, new()
        {
            Weight = Weight,
            Step = step.View,
            Residual = residual.View,
            Columns = Columns,
        });

    public override void Dispose() => _weight.Dispose();

    protected override void MatMul(
        GpuTensor<Half> x, int m, ArrayView<ushort> halves, ArrayView<float> singles, GpuTensor<float>? bias, bool isSingle)
    {
        var arguments = new DenseArguments<TStorage>
        {
            Weight = Weight,
            X = x.View.Cast<ushort>(),
            Halves = halves,
            Singles = singles,
            Bias = bias is null ? Device.Nothing : bias.View,
            M = m,
            N = Rows,
            K = Columns,
            IsSingle = isSingle ? 1 : 0,
            HasBias = bias is null ? 0 : 1,
        };
        if (typeof(TStorage) == typeof(ushort) && DenseTensorProduct.TryRun(Device, typeof(T) == typeof(Half), Describe(arguments)))
            return;
        if (m <= FewRows)
        {
            DenseVectorKernel<TStorage, TPortable, TCuda>.Kernel.Launch(
                Device, DenseVectorKernel<TStorage, TPortable, TCuda>.GroupCount(m, Rows), arguments);
            return;
        }

        PlatformKernel<DenseArguments<TStorage>> kernel = DenseTileKernel<TStorage, TPortable, TCuda>.Kernel;
        int groups = TileProduct.GroupCount(m, Rows, kernel.GroupSizeOn(Device));
        kernel.Launch(Device, groups, arguments);
    }

    private static DenseTensorArguments Describe(DenseArguments<TStorage> arguments) => new()
    {
        Weight = CudaAddress.Of(arguments.Weight),
        X = CudaAddress.Of(arguments.X),
        Y = arguments.IsSingle != 0 ? CudaAddress.Of(arguments.Singles) : CudaAddress.Of(arguments.Halves),
        Bias = arguments.HasBias != 0 ? CudaAddress.Of(arguments.Bias) : 0,
        M = arguments.M,
        N = arguments.N,
        K = arguments.K,
        IsSingle = arguments.IsSingle,
    };
}
