using ILGPU.IR.Intrinsics;

namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>
/// Products of the tensor cores for a warpgroup, four warps that begin at a multiple of four (architecture 90 alone): 64 x 16 by
/// 16 x columns, added to sums in float. They run behind the program's back until it waits for them.
/// </summary>
/// <remarks>
/// <para>A comes in registers, of which warp w has rows 16w to 16w + 15, as in <see cref="PtxTensorCore"/>. B comes from shared
/// memory, named by a descriptor (<see cref="Descriptor"/>).</para>
/// <para>The sums are registers that the text names, <see cref="SumCount"/> of them, which <see cref="PtxCompiler"/> declares: no value
/// of the program could stand for what changes while the program runs on. Sums 4j to 4j + 3 are, in the order of
/// <see cref="Floats4"/>, columns 8j to 8j + 7.</para>
/// </remarks>
internal static class PtxWarpgroup
{
    /// <summary>The sums of a thread at most.</summary>
    public const int SumCount = 128;

    /// <summary>The name of the sums' registers, to which their number is added.</summary>
    public const string SumName = "sum";

    /// <summary>What is added to a descriptor for the next 16 elements of K.</summary>
    public const ulong Step = 2;

    private const string Begin = "wgmma.mma_async.sync.aligned.m64n";
    private const string Half = "k16.f32.f16.f16 {sum0";
    private const string BFloat16 = "k16.f32.bf16.bf16 {sum0";
    private const string End = "}, {$0,$1,$2,$3}, $4, 1, 1, 1, 0;";
    private const string Sums32 = "[[1..15:,sum#]]";
    private const string Sums64 = "[[1..31:,sum#]]";
    private const string Sums128 = "[[1..63:,sum#]]";
    private const string Sums256 = "[[1..127:,sum#]]";

    /// <summary>What a descriptor says beside the address: rows of 128 bytes, whose 16-byte words are exchanged by the row's number
    /// modulo 8, and 1024 bytes (64 units of 16) from eight rows to the next eight.</summary>
    private const ulong RowsOf128Bytes = (1ul << 62) | (64ul << 32) | (1ul << 16);

    /// <summary>Describes B in shared memory: rows of 64 elements each, one for a column of the product. The 16-byte word i of row
    /// r is at 128r + 16 (i xor r mod 8). Steps of 16 elements of K are <see cref="Step"/> apart.</summary>
    /// <param name="address">A shared address, a multiple of 1024.</param>
    public static ulong Descriptor(uint address) => RowsOf128Bytes | (address >> 4);

    /// <summary>Sets the sums of 32 columns to 0.</summary>
    [IntrinsicImplementation, Ptx("[[0..15:mov.f32 sum#, 0f00000000; ]]")]
    public static void Clear32() => throw new NotSupportedException();

    /// <summary>Sets the sums of 64 columns to 0.</summary>
    [IntrinsicImplementation, Ptx("[[0..31:mov.f32 sum#, 0f00000000; ]]")]
    public static void Clear64() => throw new NotSupportedException();

    /// <summary>Sets the sums of 128 columns to 0.</summary>
    [IntrinsicImplementation, Ptx("[[0..63:mov.f32 sum#, 0f00000000; ]]")]
    public static void Clear128() => throw new NotSupportedException();

    /// <summary>Sets the sums of 256 columns to 0.</summary>
    [IntrinsicImplementation, Ptx("[[0..127:mov.f32 sum#, 0f00000000; ]]")]
    public static void Clear256() => throw new NotSupportedException();

    /// <summary>Before products that use registers which other instructions wrote.</summary>
    [IntrinsicImplementation, Ptx("wgmma.fence.sync.aligned;")]
    public static void Fence() => throw new NotSupportedException();

    /// <summary>Begins a product of halves by 128 columns.</summary>
    /// <param name="a">A.</param>
    /// <param name="b">The descriptor of B.</param>
    [IntrinsicImplementation, Ptx(Begin + "128" + Half + Sums128 + End)]
    public static void MultiplyHalf128(Words4 a, ulong b) => throw new NotSupportedException();

    /// <summary>As <see cref="MultiplyHalf128"/>, by 32 columns.</summary>
    [IntrinsicImplementation, Ptx(Begin + "32" + Half + Sums32 + End)]
    public static void MultiplyHalf32(Words4 a, ulong b) => throw new NotSupportedException();

    /// <summary>As <see cref="MultiplyHalf128"/>, by 64 columns.</summary>
    [IntrinsicImplementation, Ptx(Begin + "64" + Half + Sums64 + End)]
    public static void MultiplyHalf64(Words4 a, ulong b) => throw new NotSupportedException();

    /// <summary>As <see cref="MultiplyBFloat16By128"/>, by 32 columns.</summary>
    [IntrinsicImplementation, Ptx(Begin + "32" + BFloat16 + Sums32 + End)]
    public static void MultiplyBFloat16By32(Words4 a, ulong b) => throw new NotSupportedException();

    /// <summary>As <see cref="MultiplyBFloat16By128"/>, by 64 columns.</summary>
    [IntrinsicImplementation, Ptx(Begin + "64" + BFloat16 + Sums64 + End)]
    public static void MultiplyBFloat16By64(Words4 a, ulong b) => throw new NotSupportedException();

    /// <summary>As <see cref="MultiplyHalf128"/>, by 256 columns.</summary>
    [IntrinsicImplementation, Ptx(Begin + "256" + Half + Sums256 + End)]
    public static void MultiplyHalf256(Words4 a, ulong b) => throw new NotSupportedException();

    /// <summary>As <see cref="MultiplyHalf128"/>, of BFloat16.</summary>
    [IntrinsicImplementation, Ptx(Begin + "128" + BFloat16 + Sums128 + End)]
    public static void MultiplyBFloat16By128(Words4 a, ulong b) => throw new NotSupportedException();

    /// <summary>As <see cref="MultiplyBFloat16By128"/>, by 256 columns.</summary>
    [IntrinsicImplementation, Ptx(Begin + "256" + BFloat16 + Sums256 + End)]
    public static void MultiplyBFloat16By256(Words4 a, ulong b) => throw new NotSupportedException();

    /// <summary>Makes the products begun since the last call one batch.</summary>
    [IntrinsicImplementation, Ptx("wgmma.commit_group.sync.aligned;")]
    public static void EndBatch() => throw new NotSupportedException();

    /// <summary>Waits until all batches but the last one are done.</summary>
    [IntrinsicImplementation, Ptx("wgmma.wait_group.sync.aligned 1;")]
    public static void AwaitAllButLast() => throw new NotSupportedException();

    /// <summary>Waits until all batches are done.</summary>
    [IntrinsicImplementation, Ptx("wgmma.wait_group.sync.aligned 0;")]
    public static void AwaitAll() => throw new NotSupportedException();

    /// <summary>A sum, when the products are done.</summary>
    /// <param name="index">Which one: a constant once everything is inlined.</param>
    [IntrinsicImplementation, Ptx("mov.f32 $o0, sum$c0;")]
    public static float Sum(int index) => throw new NotSupportedException();

    /// <summary>Sets a sum, when the products are done.</summary>
    /// <param name="index">Which one: a constant once everything is inlined.</param>
    /// <param name="value">What it becomes.</param>
    [IntrinsicImplementation, Ptx("mov.f32 sum$c0, $1;")]
    public static void Set(int index, float value) => throw new NotSupportedException();

    /// <summary>Adds to a sum, when the products are done.</summary>
    /// <param name="index">Which one: a constant once everything is inlined.</param>
    /// <param name="value">What to add.</param>
    [IntrinsicImplementation, Ptx("add.rn.f32 sum$c0, sum$c0, $1;")]
    public static void Add(int index, float value) => throw new NotSupportedException();
}
