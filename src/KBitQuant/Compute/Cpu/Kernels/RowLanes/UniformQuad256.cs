using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Evenly spaced tables by arithmetic: levels are whole numbers, and exact.</summary>
internal readonly unsafe struct UniformQuad256 : IQuadLookup256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Levels(in RowLaneBlock block, Vector256<byte> codes, byte* scratch, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3)
    {
        Vector256<uint> dwords = codes.AsUInt32();
        Vector256<uint> mask = Vector256.Create(0xFFu);
        column0 = Level(block, dwords & mask);
        column1 = Level(block, (dwords >>> 8) & mask);
        column2 = Level(block, (dwords >>> 16) & mask);
        column3 = Level(block, dwords >>> 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Entries(in RowLaneBlock block, Vector256<float> levels) =>
        Fma.MultiplyAdd(levels, Vector256.Create(block.Uniform.Step), levels * Vector256.Create(block.Uniform.StepRest));

    /// <summary>Three roundings where looking up has one: the step's, that of its product with the constant, and the entry's, which is missing
    /// here. The sums of a segment, 32 columns or more in four parts, have at least eight fewer than in one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants) => constants * Vector256.Create(block.Uniform.Step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Level(in RowLaneBlock block, Vector256<uint> code) =>
        Vector256.ConvertToSingle(code.AsInt32() - Vector256.Create(block.Uniform.Zero));
}
