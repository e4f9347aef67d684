using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Evenly spaced tables by arithmetic: levels are whole numbers, and exact.</summary>
internal readonly unsafe struct UniformQuad256<TWidth> : IQuadLookup256
    where TWidth : struct, ICodeWidth
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Levels(in RowLaneBlock block, Vector256<byte> codes, byte* scratch, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3)
    {
        if (TWidth.Bits == 8)
        {
            // Levels of 8 bits need not fit a signed byte.
            Vector256<uint> dwords = codes.AsUInt32(), mask = Vector256.Create(0xFFu);
            Vector256<int> zero = Vector256.Create(block.Uniform.Zero);
            column0 = Vector256.ConvertToSingle((dwords & mask).AsInt32() - zero);
            column1 = Vector256.ConvertToSingle(((dwords >>> 8) & mask).AsInt32() - zero);
            column2 = Vector256.ConvertToSingle(((dwords >>> 16) & mask).AsInt32() - zero);
            column3 = Vector256.ConvertToSingle((dwords >>> 24).AsInt32() - zero);
            return;
        }

        Vector256<int> levels = (codes - Vector256.Create((byte)block.Uniform.Zero)).AsInt32();
        column0 = Vector256.ConvertToSingle((levels << 24) >> 24);
        column1 = Vector256.ConvertToSingle((levels << 16) >> 24);
        column2 = Vector256.ConvertToSingle((levels << 8) >> 24);
        column3 = Vector256.ConvertToSingle(levels >> 24);
    }

    /// <summary>Two roundings more than looking up has: the step's, and that of its product with the constant; but the level's product with both
    /// is one, where entries have been rounded before. A fused multiply-add with the input has one fewer than the product and the sum that
    /// bounds count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants) => constants * Vector256.Create(block.Uniform.Step);
}
