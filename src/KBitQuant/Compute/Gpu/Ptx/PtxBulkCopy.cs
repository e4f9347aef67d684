using ILGPU.IR.Intrinsics;

namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>Copies of whole boxes of a matrix by the copy engine, and the barriers in shared memory (8 bytes each) by which threads
/// and the engine wait for each other. From architecture 90 on.</summary>
/// <remarks>A barrier goes through phases: one ends when all arrivals that it counts have come, and all bytes that it expects. Waiting
/// names a phase by its parity: those of the first phase, 0, pass when it has ended; those of parity 1 pass at once before.</remarks>
internal static class PtxBulkCopy
{
    /// <summary>The name of the second parameter of kernels that copy from a matrix; <see cref="PtxCompiler"/> declares it.</summary>
    public const string MapName = "matrix_map";

    /// <summary>Makes a barrier, in one thread; <see cref="ShowBarriers"/> and a barrier of the group must follow.</summary>
    [IntrinsicImplementation, Ptx("mbarrier.init.shared::cta.b64 [$0], $1;", Since = PtxArchitecture.Hopper)]
    public static void MakeBarrier(uint barrier, int arrivals) => throw new NotSupportedException();

    /// <summary>Barriers that this thread made can be used by the copy engine.</summary>
    [IntrinsicImplementation, Ptx("fence.mbarrier_init.release.cluster;", Since = PtxArchitecture.Hopper)]
    public static void ShowBarriers() => throw new NotSupportedException();

    /// <summary>Arrives at the barrier of a group of the cluster, where <paramref name="isWanted"/> is not 0.</summary>
    [IntrinsicImplementation, Ptx(
        ".reg .pred p; .reg .u32 a; setp.ne.u32 p, $2, 0; mapa.shared::cluster.u32 a, $0, $1; "
        + "@p mbarrier.arrive.shared::cluster.b64 _, [a];")]
    public static void Arrive(uint barrier, int rank, uint isWanted) => throw new NotSupportedException();

    /// <summary>As <see cref="Arrive"/>, at a barrier of the own group.</summary>
    [IntrinsicImplementation, Ptx(".reg .pred p; setp.ne.u32 p, $1, 0; @p mbarrier.arrive.shared::cta.b64 _, [$0];")]
    public static void ArriveOwn(uint barrier, uint isWanted) => throw new NotSupportedException();

    /// <summary>Waits for the end of the phase with a parity.</summary>
    [IntrinsicImplementation, Ptx(
        ".reg .pred p; AWAIT: mbarrier.try_wait.parity.shared::cta.b64 p, [$0], $1; @!p bra AWAIT;", Since = PtxArchitecture.Hopper)]
    public static void Await(uint barrier, uint parity) => throw new NotSupportedException();

    /// <summary>Begins to copy a box of the matrix to the shared memory of both groups of a cluster of two, where
    /// <paramref name="isWanted"/> is not 0: zeros where the matrix ends. Arrives at the barrier, whose phase ends when all bytes have
    /// come that it expects.</summary>
    /// <param name="isWanted">0 or 1.</param>
    /// <param name="destination">The shared address, the same in both groups.</param>
    /// <param name="barrier">The barrier, likewise.</param>
    /// <param name="bytes">The bytes that this group's barrier then expects, from both groups.</param>
    /// <param name="column">The first column.</param>
    /// <param name="row">The first row.</param>
    [IntrinsicImplementation, Ptx(
        ".reg .pred p; .reg .b64 map; .reg .b16 both; mov.b16 both, 3; setp.ne.u32 p, $0, 0; mov.b64 map, " + MapName + "; cvta.param.u64 map, map; "
        + "@p mbarrier.arrive.expect_tx.shared::cta.b64 _, [$2], $3; "
        + "@p cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [$1], [map, {$4,$5}], [$2], both;")]
    public static void BeginCopyToBoth(uint isWanted, uint destination, uint barrier, int bytes, int column, int row) => throw new NotSupportedException();

    /// <summary>As <see cref="BeginCopyToBoth"/>, to the own group.</summary>
    [IntrinsicImplementation, Ptx(
        ".reg .pred p; .reg .b64 map; setp.ne.u32 p, $0, 0; mov.b64 map, " + MapName + "; cvta.param.u64 map, map; "
        + "@p mbarrier.arrive.expect_tx.shared::cta.b64 _, [$2], $3; "
        + "@p cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [$1], [map, {$4,$5}], [$2];")]
    public static void BeginCopy(uint isWanted, uint destination, uint barrier, int bytes, int column, int row) => throw new NotSupportedException();

    /// <summary>Arrives at the group's own barrier, which then also waits for bytes.</summary>
    [IntrinsicImplementation, Ptx("mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], $1;", Since = PtxArchitecture.Hopper)]
    public static void ArriveAndExpect(uint barrier, int bytes) => throw new NotSupportedException();

    /// <summary>Stores to the shared memory of a group of the cluster; its barrier counts the bytes once they are there.</summary>
    [IntrinsicImplementation, Ptx(
        ".reg .u32 a, b; mapa.shared::cluster.u32 a, $0, $2; mapa.shared::cluster.u32 b, $1, $2; "
        + "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v4.f32 [a], {$3,$4,$5,$6}, [b];", Since = PtxArchitecture.Hopper)]
    public static void StoreToRank(uint address, uint barrier, int rank, Floats4 value) => throw new NotSupportedException();
}
