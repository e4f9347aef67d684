using System.Diagnostics.CodeAnalysis;
using ILGPU;
using ILGPU.Runtime;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>The memory through which groups hand each other sums (<see cref="PrefillExchange"/>). Kernels of a stream share it.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class ExchangeMemory : IDisposable
{
    private readonly MemoryBuffer1D<byte, Stride1D.Dense> _partials;
    private readonly MemoryBuffer1D<uint, Stride1D.Dense> _flags;

    /// <summary>Makes room for the groups of so many multiprocessors.</summary>
    public ExchangeMemory(Accelerator accelerator, int multiprocessors)
    {
        int partialBytes = PrefillVariant.AllColumns.Max(columns => columns.Neighbors * PrefillExchange.Bytes(columns.Count));
        int flags = PrefillVariant.AllColumns.Max(columns => columns.Neighbors) * PrefillExchange.MaxSharers;
        _partials = accelerator.Allocate1D<byte>((long)multiprocessors * partialBytes);
        _flags = accelerator.Allocate1D(new uint[multiprocessors * flags]);
    }

    /// <summary>The address for <see cref="PrefillArguments.Partials"/>.</summary>
    public long Partials => _partials.NativePtr;

    /// <summary>The address for <see cref="PrefillArguments.Flags"/>.</summary>
    public long Flags => _flags.NativePtr;

    public void Dispose()
    {
        _partials.Dispose();
        _flags.Dispose();
    }
}
