using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels;
using KBitQuant.Compute.Gpu.Kernels.Platforms;

namespace KBitQuant.Compute.Gpu.Decoder.Dense;

/// <summary>Copies the rows of tokens out of the embedding matrix, a group for each.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class EmbeddingKernel<TStorage, TPortable, TCuda>
    where TStorage : unmanaged
    where TPortable : struct, IElement<TStorage>
    where TCuda : struct, IElement<TStorage>
{
    private const int GroupSize = 128;

    public static PlatformKernel<Arguments> Kernel { get; } =
        new("embedding", Run<TPortable, PortablePlatform>, Run<TCuda, CudaPlatform>, GroupSize);

    private static void Run<TElement, TPlatform>(Arguments arguments)
        where TElement : struct, IElement<TStorage>
        where TPlatform : struct, IGpuPlatform
    {
        default(TPlatform).Begin();
        TElement element = default;
        int token = arguments.Step[StepLayout.FirstToken + Grid.IdxX];
        for (int i = Group.IdxX; i < arguments.Columns; i += Group.DimX)
        {
            TStorage value = arguments.Weight[((long)token * arguments.Columns) + i];
            arguments.Residual[((long)Grid.IdxX * arguments.Columns) + i] = element.Widen(value);
        }
    }

    /// <summary>The kernel's parameter.</summary>
    internal struct Arguments : IKernelArguments
    {
        /// <summary>The embeddings, [vocabulary, columns].</summary>
        public ArrayView<TStorage> Weight;

        /// <summary>The tokens (<see cref="StepLayout"/>).</summary>
        public ArrayView<int> Step;

        /// <summary>Receives the rows, [tokens, columns].</summary>
        public ArrayView<float> Residual;

        public int Columns;

        public readonly void Write(ref ArgumentWriter writer)
        {
            writer.Add(Weight);
            writer.Add(Step);
            writer.Add(Residual);
            writer.Add(Columns);
        }
    }
}
