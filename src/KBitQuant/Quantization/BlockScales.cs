using System.Runtime.CompilerServices;

namespace KBitQuant.Quantization;

/// <summary>What the values of blocks are scaled by before their codes are chosen.</summary>
internal readonly unsafe struct BlockScales
{
    private readonly float* _constants;
    private readonly float* _offsets;

    /// <param name="size">Values of a block.</param>
    /// <param name="constants">A constant for each block.</param>
    /// <param name="offsets">An offset for each block, or null.</param>
    public BlockScales(int size, float* constants, float* offsets)
    {
        Size = size;
        _constants = constants;
        _offsets = offsets;
    }

    /// <summary>Values of a block.</summary>
    public int Size { get; }

    /// <summary>The scaled value is (value - offset) * scale, where the block's constant is not 0.</summary>
    /// <returns>Whether it is not.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(int block, out float offset, out float scale)
    {
        float constant = _constants[block];
        offset = _offsets is null ? 0 : _offsets[block];
        scale = 1 / constant;
        return constant != 0;
    }
}
