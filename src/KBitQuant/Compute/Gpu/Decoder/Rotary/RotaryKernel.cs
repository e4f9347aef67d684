using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Decoder.Attention;
using KBitQuant.Compute.Gpu.Kernels.Platforms;

namespace KBitQuant.Compute.Gpu.Decoder.Rotary;

/// <summary>
/// Turns queries and keys to their positions (rotary embedding, arXiv 2104.09864), scales queries by 1 / sqrt(head size), and appends
/// keys and values to the cache. A group for each token and head, query heads first, then key and value heads. One token alone does
/// without: <see cref="AttentionKernel"/> turns what it needs.
/// </summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class RotaryKernel
{
    private const int GroupSize = 64;

    public static PlatformKernel<RotaryArguments> Kernel { get; } = new("rotary", Run<PortablePlatform>, Run<CudaPlatform>, GroupSize);

    private static void Run<TPlatform>(RotaryArguments arguments)
        where TPlatform : struct, IGpuPlatform
    {
        default(TPlatform).Begin();
        int heads = arguments.HeadCount + arguments.KeyValueHeadCount;
        int token = Grid.IdxX / heads;
        int head = Grid.IdxX % heads;
        int position = arguments.Step[StepLayout.Position] + token;
        if (head >= arguments.HeadCount)
        {
            arguments.Append<TPlatform>(token, head - arguments.HeadCount, position);
            return;
        }

        long output = (((long)token * arguments.HeadCount) + head) * arguments.HeadSize;
        for (int i = Group.IdxX; i < arguments.HeadSize; i += Group.DimX)
            arguments.Rotated[output + i] = default(TPlatform).Round(arguments.Query<TPlatform>(token, head, i, position));
    }
}
