using ILGPU.IR.Intrinsics;

namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>
/// Products of the tensor cores, 16 x 16 by 16 x 8, summed in float. With g = lane / 4 and t = lane % 4, a lane holds of A (row, k):
/// X = (g, 2t..2t+1), Y = (g + 8, 2t..2t+1), Z = (g, 2t+8..2t+9), W = (g + 8, 2t+8..2t+9); of B (k, column): X = (2t..2t+1, g),
/// Y = (2t+8..2t+9, g); the sums are as in <see cref="Floats4"/>. Since k is summed over, any other order of k will do that A and B
/// share.
/// </summary>
internal static class PtxTensorCore
{
    /// <summary>a * b + c of halves.</summary>
    [IntrinsicImplementation, Ptx("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {$o0,$o1,$o2,$o3}, {$0,$1,$2,$3}, {$4,$5}, {$6,$7,$8,$9};")]
    public static Floats4 MultiplyHalf(Words4 a, Words2 b, Floats4 c) => throw new NotSupportedException();

    /// <summary>a * b + c of BFloat16.</summary>
    [IntrinsicImplementation, Ptx("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {$o0,$o1,$o2,$o3}, {$0,$1,$2,$3}, {$4,$5}, {$6,$7,$8,$9};")]
    public static Floats4 MultiplyBFloat16(Words4 a, Words2 b, Floats4 c) => throw new NotSupportedException();

    /// <summary>a * b + c of bytes, 16 x 32 by 32 x 8: those of A without, those of B with a sign, the sums 32-bit integers. A register of A or B has four bytes, of k
    /// 4t to 4t + 3 or 4t + 16 to 4t + 19, where one above has two elements.</summary>
    [IntrinsicImplementation, Ptx("mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32 {$o0,$o1,$o2,$o3}, {$0,$1,$2,$3}, {$4,$5}, {$6,$7,$8,$9};")]
    public static Words4 MultiplyBytes(Words4 a, Words2 b, Words4 c) => throw new NotSupportedException();

    /// <summary>As <see cref="MultiplyBytes"/>, with signs in A too.</summary>
    [IntrinsicImplementation, Ptx("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {$o0,$o1,$o2,$o3}, {$0,$1,$2,$3}, {$4,$5}, {$6,$7,$8,$9};")]
    public static Words4 MultiplySignedBytes(Words4 a, Words2 b, Words4 c) => throw new NotSupportedException();
}
