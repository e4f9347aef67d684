using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using ILGPU;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Kernels.Portable;
using KBitQuant.Compute.Gpu.Ptx;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>Starts the streaming kernels where they apply: on whole tiles, for blocks of a power of two and blocks as long as the
/// tensor. Whatever they leave is the portable kernels'.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class StreamKernels
{
    /// <summary>Blocks of four lanes' elements.</summary>
    private const int SmallestBlockShift = 5;

    /// <summary>So that two lanes' codes fill a word.</summary>
    private const int SmallestBits = 2;

    /// <summary>Blocks of a tile.</summary>
    private const int LargestFoundBlockShift = 10;

    /// <summary>Copies of a table that give each of 16 lanes banks of its own: 8-byte look-ups are done for half a warp at a time.</summary>
    private const int MaxCopies = 16;

    /// <summary>So that every element is in block 0.</summary>
    private const int OneBlockShift = 31;

    /// <summary>Whether <see cref="Quantize"/> finds the constants itself; else they have to be there.</summary>
    public static bool FindsConstants(GpuQuantizedTensor tensor) =>
        tensor.Scheme.Offset == BlockOffset.None && BlockShift(tensor) is >= SmallestBlockShift and <= LargestFoundBlockShift;

    /// <summary>Starts to quantize whole tiles, within a call.</summary>
    /// <returns>How many elements, from the first on: 0 where the kernel does not apply.</returns>
    public static int Quantize<TStorage, TElement>(GpuDevice device, ArrayView<TStorage> source, GpuQuantizedTensor tensor)
        where TStorage : unmanaged
    {
        int blockShift = BlockShift(tensor);
        BucketTable? buckets = tensor.Tables.BucketTable;
        int tiles = tensor.Length / StreamGroup.TileElements;
        if (!IsCapable(device) || blockShift < SmallestBlockShift || tensor.View.Bits < SmallestBits || buckets is null || tiles == 0)
            return 0;
        int groups = StreamGroup.PerMultiprocessor(Unsafe.SizeOf<TStorage>());
        MethodInfo method = QuantizeMethod(typeof(TElement), buckets.IsEven, tensor.View.HasOffsets != 0);
        if (device.Cuda!.TryGet("cuda-quantize", method, StreamGroup.Size, groups) is not { } function)
            return 0;
        var arguments = new QuantizeArguments
        {
            Source = CudaAddress.Of(source),
            Codes = CudaAddress.Of(tensor.View.Words),
            Constants = BitsOf(tensor.View.Constants),
            Offsets = BitsOf(tensor.View.Offsets),
            HasConstants = FindsConstants(tensor) ? 0 : 1,
            FirstBadBlock = CudaAddress.Of(tensor.FirstBadBlock),
            Buckets = CudaAddress.Of(tensor.Tables.Buckets),
            BucketCount = buckets.Buckets.Length,
            CopyShift = int.Log2(CopiesOf(buckets)),
            Key = buckets.Key,
            Packing = CodeBits.For(tensor.View.Bits),
            BlockShift = blockShift,
            Tiles = tiles,
        };
        function.Launch(device.Cuda.Stream, Grid(device, tiles, groups, buckets.Buckets.Length * CopiesOf(buckets) * BucketTable.BucketBytes), arguments);
        return tiles * StreamGroup.TileElements;
    }

    /// <summary>Starts to dequantize whole tiles, within a call.</summary>
    /// <returns>How many elements, from the first on: 0 where the kernel does not apply.</returns>
    public static int Dequantize<TStorage, TElement>(GpuDevice device, GpuQuantizedTensor tensor, ArrayView<TStorage> values)
        where TStorage : unmanaged
    {
        int blockShift = BlockShift(tensor);
        int tiles = tensor.Length / StreamGroup.TileElements;
        CanonicalView view = tensor.View;
        if (!IsCapable(device) || (1L << blockShift) < StreamGroup.LaneElements || tiles == 0)
            return 0;
        int groups = StreamGroup.PerMultiprocessor(Unsafe.SizeOf<TStorage>());
        MethodInfo method = DequantizeMethod(typeof(TElement), view.HasOffsets != 0);
        if (device.Cuda!.TryGet("cuda-dequantize", method, StreamGroup.Size, groups) is not { } function)
            return 0;
        var arguments = new DequantizeArguments
        {
            Codes = CudaAddress.Of(view.Words),
            Constants = BitsOf(view.Constants),
            Offsets = BitsOf(view.Offsets),
            Table = CudaAddress.Of(view.Table),
            Values = CudaAddress.Of(values),
            Packing = CodeBits.For(view.Bits),
            BlockShift = blockShift,
            Tiles = tiles,
        };
        function.Launch(device.Cuda.Stream, Grid(device, tiles, groups, DequantizeStreamKernel<Words4, HalfStreamElement, No>.EntryBytes << view.Bits), arguments);
        return tiles * StreamGroup.TileElements;
    }

    /// <summary>How many copies of a table a group keeps: a power of two, in no more bytes than the largest table takes.</summary>
    private static int CopiesOf(BucketTable table) => Math.Min(MaxCopies, 1 << int.Log2(BucketTable.MaxBuckets / table.Buckets.Length));

    /// <summary>The kernel for an element type (of <see cref="IElement{TStorage}"/>).</summary>
    internal static MethodInfo QuantizeMethod(Type element, bool isEven, bool hasOffsets)
    {
        return element == typeof(HalfElement) ? Of<Words4, HalfStreamElement>()
            : element == typeof(BFloat16Element) ? Of<Words4, BFloat16StreamElement>()
            : Of<Floats8, SingleStreamElement>();

        MethodInfo Of<TChunk, TElement>()
            where TChunk : unmanaged
            where TElement : struct, IStreamElement<TChunk>
        {
            Action<QuantizeArguments> kernel = (isEven, hasOffsets) switch
            {
                (true, false) => QuantizeStreamKernel<TChunk, TElement, EvenStreamBuckets, No>.Run,
                (true, true) => QuantizeStreamKernel<TChunk, TElement, EvenStreamBuckets, Yes>.Run,
                (false, false) => QuantizeStreamKernel<TChunk, TElement, ExponentStreamBuckets, No>.Run,
                (false, true) => QuantizeStreamKernel<TChunk, TElement, ExponentStreamBuckets, Yes>.Run,
            };
            return kernel.Method;
        }
    }

    /// <summary>The kernel for an element type (of <see cref="IElement{TStorage}"/>).</summary>
    internal static MethodInfo DequantizeMethod(Type element, bool hasOffsets)
    {
        return element == typeof(HalfElement) ? Of<Words4, HalfStreamElement>()
            : element == typeof(BFloat16Element) ? Of<Words4, BFloat16StreamElement>()
            : Of<Floats8, SingleStreamElement>();

        MethodInfo Of<TChunk, TElement>()
            where TChunk : unmanaged
            where TElement : struct, IStreamElement<TChunk>
        {
            Action<DequantizeArguments> kernel = hasOffsets
                ? DequantizeStreamKernel<TChunk, TElement, Yes>.Run
                : DequantizeStreamKernel<TChunk, TElement, No>.Run;
            return kernel.Method;
        }
    }

    private static bool IsCapable(GpuDevice device) => device.Cuda is { Architecture: >= PtxArchitecture.Ampere };

    /// <summary>The logarithm of the block size; negative where it is no power of two.</summary>
    private static int BlockShift(GpuQuantizedTensor tensor)
    {
        int blockSize = tensor.Scheme.BlockSizeFor(tensor.Length);
        return blockSize >= tensor.Length ? OneBlockShift : BitOperations.IsPow2(blockSize) ? BitOperations.Log2((uint)blockSize) : -1;
    }

    private static ConstantBits BitsOf(ConstantView view) => new()
    {
        Address = view.Kind == ConstantView.Singles ? CudaAddress.Of(view.Floats) : CudaAddress.Of(view.Shorts),
        Kind = view.Kind,
        Largest = view.Largest,
    };

    private static CudaGrid Grid(GpuDevice device, int tiles, int groups, int sharedBytes) =>
        new(Math.Min(((tiles - 1) / StreamGroup.Warps) + 1, device.Cuda!.MultiprocessorCount * groups), StreamGroup.Size, sharedBytes);
}
