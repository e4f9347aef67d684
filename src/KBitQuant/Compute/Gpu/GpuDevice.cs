using System.Diagnostics.CodeAnalysis;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu;

/// <summary>
/// A GPU, reached through ILGPU: CUDA or OpenCL, or an emulation on the processor that needs no GPU. Kernels are compiled when they
/// are first used.
/// </summary>
/// <remarks>Devices and their weights may be used from several threads at once; the work of one device is done one call after the
/// other. Several devices may be open. A device and its weights may be disposed of in any order: with the device goes all of its
/// memory, and a weight that outlives it throws <see cref="ObjectDisposedException"/> when it is used.</remarks>
[RequiresDynamicCode(NeedsDynamicCode)]
public sealed partial class GpuDevice : ComputeDevice
{
    internal const string NeedsDynamicCode = "GPU kernels are compiled at run time.";

    /// <summary>Enough threads to hide the latency of memory, few enough for every GPU.</summary>
    internal const int LargestGroupSize = 128;

    private readonly Lock _lock = new();
    private readonly Context _context;
    private readonly Dictionary<Delegate, Delegate> _kernels = [];
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _nothing;
    private readonly Lazy<(IReadOnlyList<GpuMatMulKernel> Kernels, IReadOnlyDictionary<string, string> Rejected)> _supported;

    private GpuDevice(Context context, Device device)
    {
        _context = context;
        Accelerator = device.CreateAccelerator(context);
        Stream = Accelerator.CreateStream();
        Memory = new DeviceMemoryPool(Accelerator);
        Staging = new PinnedStaging(this);
        _nothing = Accelerator.Allocate1D<float>(1);
        _supported = new(FindSupported);
        GroupSize = Math.Min(LargestGroupSize, Accelerator.MaxNumThreadsPerGroup);
        if (Accelerator is CudaAccelerator cuda)
            Cuda = OpenCuda(cuda);
        Name = device.AcceleratorType == AcceleratorType.CPU ? EmulatedTitle : $"{device.Name} ({device.AcceleratorType})";
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> KernelNames => [.. _supported.Value.Kernels.Select(kernel => kernel.Name)];

    /// <summary>The kernels that this device does not run, each with the reason: the device's kind, or what its driver said. Variants for a
    /// weight's k, and kernels that quantize or are a decoder's, are tried when they are first needed; others take their place.</summary>
    public IReadOnlyDictionary<string, string> RejectedKernels
    {
        get
        {
            // Not within the call: what finds them begins one.
            IReadOnlyDictionary<string, string> rejected = _supported.Value.Rejected;
            using Call call = EnterUnchecked();
            return new Dictionary<string, string>(rejected.Concat(Cuda?.Rejected ?? new Dictionary<string, string>()));
        }
    }

    internal override string? DriverVersion => (Accelerator as CudaAccelerator)?.DriverVersion.ToString();

    /// <summary>Threads in a group of a portable kernel.</summary>
    internal int GroupSize { get; }

    /// <summary>The kernels written for CUDA, where the device is one; used within calls. Tests set some that are rejected, before the
    /// device is used.</summary>
    internal CudaKernels? Cuda { get; set; }

    /// <summary>The stream in which all work of the device is done; used within calls.</summary>
    internal AcceleratorStream Stream { get; }

    /// <summary>Where the device's memory comes from; used within calls.</summary>
    internal DeviceMemoryPool Memory { get; }

    /// <summary>The way of large contents to the device; used within calls.</summary>
    internal PinnedStaging Staging { get; }

    /// <summary>The multiprocessors.</summary>
    internal int MultiprocessorCount => Accelerator.NumMultiprocessors;

    /// <summary>ILGPU's device; used within calls.</summary>
    internal Accelerator Accelerator { get; }

    /// <summary>A view for operands that are not there: kernels take no empty ones.</summary>
    internal ArrayView<float> Nothing => _nothing.View;

    /// <summary>Whether the device is gone, and its memory with it.</summary>
    internal bool IsDisposed { get; private set; }

    /// <inheritdoc/>
    public override PreparedWeight Prepare(QuantizedTensor weight, KernelPreference? preference = null)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return MatMulKernel<GpuDevice>.Choose(_supported.Value.Kernels, weight, preference).Prepare(this, weight);
    }

    /// <summary>Makes room in the device's memory; the content is undefined.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="length">Elements, at least 0.</param>
    /// <exception cref="NotSupportedException">Another element type.</exception>
    /// <exception cref="ObjectDisposedException">The device is disposed of.</exception>
    public GpuTensor<T> Allocate<T>(int length)
        where T : unmanaged => new(this, length);

    /// <summary>y = x W^T (+ bias) without leaving the device: returns when the product has been put in line, not when it is done.
    /// Work of a device is done in the order of its calls; <see cref="GpuTensor{T}.CopyTo"/> waits for it.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="weight">A weight prepared by this device.</param>
    /// <param name="x">Inputs, [M, K], at least M * K long.</param>
    /// <param name="m">M, at least 0.</param>
    /// <param name="y">Outputs, [M, N], at least M * N long; neither the inputs nor the bias.</param>
    /// <param name="bias">N values to add to every output row, or null.</param>
    /// <exception cref="ArgumentException">A tensor is too short, the weight or a tensor belongs to another device, or the outputs are
    /// the inputs or the bias.</exception>
    /// <exception cref="ObjectDisposedException">The device, the weight or a tensor is disposed of.</exception>
    public void MatMul<T>(PreparedWeight weight, GpuTensor<T> x, int m, GpuTensor<T> y, GpuTensor<float>? bias = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        ArgumentOutOfRangeException.ThrowIfNegative(m);
        if (weight is not GpuPreparedWeight prepared || prepared.Device != this)
            throw new ArgumentException("The weight was prepared by another device.", nameof(weight));
        ThrowUnlessFits(x, (long)m * weight.Columns, nameof(x));
        ThrowUnlessFits(y, (long)m * weight.Rows, nameof(y));
        if (bias is not null)
            ThrowUnlessFits(bias, weight.Rows, nameof(bias));
        if (ReferenceEquals(x, y) || ReferenceEquals(bias, y))
            throw new ArgumentException("Outputs are written while inputs and bias are still read; the same tensor was given.", nameof(y));
        using Call call = Enter();
        if (m > 0 && weight.Rows > 0)
            prepared.Run(x.View, m, y.View, bias?.View);
    }

    /// <summary>Begins a call on the device: no other thread is in one until this is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">The device is disposed of.</exception>
    internal Call Enter()
    {
        Call call = EnterUnchecked();
        if (!IsDisposed)
            return call;
        call.Dispose();
        throw new ObjectDisposedException(Name);
    }

    /// <summary>As <see cref="Enter"/>, but also where the device is disposed of.</summary>
    internal Call EnterUnchecked() => new(this);

    /// <summary>Runs a kernel, within a call.</summary>
    /// <typeparam name="TArguments">The kernel's one parameter: a structure of views and numbers.</typeparam>
    /// <param name="kernel">A static method; compiled when it is first run.</param>
    /// <param name="groups">Groups of <see cref="GroupSize"/> threads.</param>
    /// <param name="arguments">The argument.</param>
    internal void Launch<TArguments>(Action<TArguments> kernel, int groups, TArguments arguments)
        where TArguments : struct
    {
        if (!_kernels.TryGetValue(kernel, out Delegate? launcher))
            _kernels.Add(kernel, launcher = Accelerator.LoadKernel(kernel));
        ((Action<AcceleratorStream, KernelConfig, TArguments>)launcher)(
            Stream, new KernelConfig(groups, GroupSize), arguments);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            using Call call = EnterUnchecked();
            if (!IsDisposed)
            {
                IsDisposed = true;
                Cuda?.Dispose();
                Stream.Dispose();
                Accelerator.Dispose();
                _context.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private CudaKernels OpenCuda(CudaAccelerator cuda)
    {
        var gpu = CudaGpu.Of(cuda);
        return new CudaKernels(cuda, gpu, ((CudaStream)Stream).StreamPtr, new CudaLoader(cuda, gpu));
    }

    private void ThrowUnlessFits<T>(GpuTensor<T> tensor, long length, string name)
        where T : unmanaged
    {
        if (tensor.Device != this)
            throw new ArgumentException($"{name} is on another device.", name);
        if (tensor.Length < length)
            throw new ArgumentException($"{name} has {tensor.Length} elements; {length} are needed.", name);
    }

    private (IReadOnlyList<GpuMatMulKernel> Kernels, IReadOnlyDictionary<string, string> Rejected) FindSupported()
    {
        using Call call = Enter();
        var kernels = new List<GpuMatMulKernel>();
        var rejected = new Dictionary<string, string>();
        foreach (GpuMatMulKernel kernel in GpuKernels.All)
        {
            if (kernel.ReasonToRefuse(this) is { } reason)
                rejected.Add(kernel.Name, reason);
            else
                kernels.Add(kernel);
        }

        return (kernels, rejected);
    }

    /// <summary>The right to use the device, until disposed of.</summary>
    internal readonly ref struct Call
    {
        private readonly Lock.Scope _scope;

        public Call(GpuDevice device)
        {
            _scope = device._lock.EnterScope();
            // CUDA's current device belongs to the thread.
            if (!device.IsDisposed)
                device.Accelerator.Bind();
        }

        public void Dispose() => _scope.Dispose();
    }
}
