using ILGPU;
using ILGPU.IR.Intrinsics;

namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>Loads and stores. Global addresses have 64 bits, shared ones 32.</summary>
internal static class PtxMemory
{
    /// <summary>The name of the shared memory that is sized at launch; <see cref="PtxCompiler"/> declares it.</summary>
    public const string SharedSymbol = "kbitquant_shared";

    /// <summary>Where shared memory that is sized at launch begins within the group's: a kernel that relies on it is refused where
    /// it is otherwise (<see cref="DynamicShared"/>).</summary>
    public const int SharedStart = 1024;

    /// <summary>A float.</summary>
    public static float LoadFloat(long address) => Interop.IntAsFloat(Load(address));

    /// <summary>A float that no kernel writes.</summary>
    public static float LoadConstantFloat(long address) => Interop.IntAsFloat(LoadConstant(address));

    /// <summary>A float.</summary>
    public static void StoreFloat(long address, float value) => Store(address, Interop.FloatAsInt(value));

    /// <summary>16 bytes of a weight, which is read once: kept out of L1, and fetched into L2 128 bytes at a time.</summary>
    [IntrinsicImplementation, Ptx("ld.global.L1::no_allocate.L2::128B.v4.u32 {$o0,$o1,$o2,$o3}, [$0];")]
    public static Words4 LoadOnce4(long address) => throw new NotSupportedException();

    /// <summary>As <see cref="LoadOnce4"/>, 8 bytes.</summary>
    [IntrinsicImplementation, Ptx("ld.global.L1::no_allocate.L2::128B.v2.u32 {$o0,$o1}, [$0];")]
    public static Words2 LoadOnce2(long address) => throw new NotSupportedException();

    /// <summary>As <see cref="LoadOnce4"/>, 4 bytes.</summary>
    [IntrinsicImplementation, Ptx("ld.global.L1::no_allocate.L2::128B.u32 $o0, [$0];")]
    public static uint LoadOnceWord(long address) => throw new NotSupportedException();

    /// <summary>4 bytes that no kernel writes.</summary>
    [IntrinsicImplementation, Ptx("ld.global.nc.u32 $o0, [$0];")]
    public static uint LoadConstant(long address) => throw new NotSupportedException();

    /// <summary>8 bytes that no kernel writes.</summary>
    [IntrinsicImplementation, Ptx("ld.global.nc.v2.u32 {$o0,$o1}, [$0];")]
    public static Words2 LoadConstant2(long address) => throw new NotSupportedException();

    /// <summary>16 bytes that an earlier kernel wrote, or zeros where <paramref name="isWanted"/> is 0.</summary>
    [IntrinsicImplementation, Ptx(
        ".reg .pred p; setp.ne.u32 p, $1, 0; mov.b32 $o0, 0; mov.b32 $o1, 0; mov.b32 $o2, 0; mov.b32 $o3, 0; "
        + "@p ld.global.v4.u32 {$o0,$o1,$o2,$o3}, [$0];")]
    public static Words4 LoadIf4(long address, uint isWanted) => throw new NotSupportedException();

    /// <summary>4 bytes.</summary>
    [IntrinsicImplementation, Ptx("ld.global.u32 $o0, [$0];")]
    public static uint Load(long address) => throw new NotSupportedException();

    /// <summary>2 bytes, the others zeros.</summary>
    [IntrinsicImplementation, Ptx(".reg .b16 h; ld.global.u16 h, [$0]; cvt.u32.u16 $o0, h;")]
    public static uint LoadShort(long address) => throw new NotSupportedException();

    /// <summary>2 bytes.</summary>
    [IntrinsicImplementation, Ptx(".reg .b16 h; cvt.u16.u32 h, $1; st.global.u16 [$0], h;")]
    public static void StoreShort(long address, uint value) => throw new NotSupportedException();

    /// <summary>4 bytes of what is read once.</summary>
    [IntrinsicImplementation, Ptx("ld.global.nc.L1::no_allocate.u32 $o0, [$0];")]
    public static uint LoadOnce(long address) => throw new NotSupportedException();

    /// <summary>2 bytes that no kernel writes.</summary>
    [IntrinsicImplementation, Ptx(".reg .b16 h; ld.global.nc.u16 h, [$0]; cvt.u32.u16 $o0, h;")]
    public static uint LoadConstantShort(long address) => throw new NotSupportedException();

    /// <summary>4 bytes.</summary>
    [IntrinsicImplementation, Ptx("st.global.u32 [$0], $1;")]
    public static void Store(long address, uint value) => throw new NotSupportedException();

    /// <summary>8 bytes.</summary>
    [IntrinsicImplementation, Ptx("st.global.v2.u32 [$0], {$1,$2};")]
    public static void Store2(long address, uint low, uint high) => throw new NotSupportedException();

    /// <summary>16 bytes.</summary>
    [IntrinsicImplementation, Ptx("st.global.v4.u32 [$0], {$1,$2,$3,$4};")]
    public static void Store4(long address, Words4 value) => throw new NotSupportedException();

    /// <summary>Lowers a number, whoever else does.</summary>
    [IntrinsicImplementation, Ptx("red.global.min.u32 [$0], $1;")]
    public static void Lower(long address, uint value) => throw new NotSupportedException();

    /// <summary>Where the group's shared memory that is sized at launch begins.</summary>
    [IntrinsicImplementation, Ptx("mov.u32 $o0, " + SharedSymbol + ";")]
    public static uint DynamicShared() => throw new NotSupportedException();

    /// <summary>4 shared bytes, <see cref="SharedStart"/> after an address: the sum is part of the instruction.</summary>
    [IntrinsicImplementation, Ptx("ld.shared.u32 $o0, [$0+1024];")]
    public static uint LoadTable(uint address) => throw new NotSupportedException();

    /// <summary>8 shared bytes, <see cref="SharedStart"/> after an address.</summary>
    [IntrinsicImplementation, Ptx("ld.shared.v2.u32 {$o0,$o1}, [$0+1024];")]
    public static Words2 LoadTable2(uint address) => throw new NotSupportedException();

    /// <summary>16 shared bytes.</summary>
    [IntrinsicImplementation, Ptx("ld.shared.v4.u32 {$o0,$o1,$o2,$o3}, [$0];")]
    public static Words4 LoadShared4(uint address) => throw new NotSupportedException();

    /// <summary>16 shared bytes, or zeros where <paramref name="isWanted"/> is 0.</summary>
    [IntrinsicImplementation, Ptx(
        ".reg .pred p; setp.ne.u32 p, $1, 0; mov.b32 $o0, 0; mov.b32 $o1, 0; mov.b32 $o2, 0; mov.b32 $o3, 0; "
        + "@p ld.shared.v4.u32 {$o0,$o1,$o2,$o3}, [$0];")]
    public static Words4 LoadSharedIf4(uint address, uint isWanted) => throw new NotSupportedException();

    /// <summary>Begins to copy 16 bytes from global to shared memory, or to write zeros, where <paramref name="bytes"/> is 0.</summary>
    [IntrinsicImplementation, Ptx("cp.async.cg.shared.global [$0], [$1], 16, $2;")]
    public static void BeginCopy(uint destination, long source, int bytes) => throw new NotSupportedException();

    /// <summary>Begins to copy 16 bytes of a weight, which is read once, from global to shared memory; fetched into L2 128 bytes at a time.</summary>
    [IntrinsicImplementation, Ptx("cp.async.cg.shared.global.L2::128B [$0], [$1], 16;")]
    public static void BeginCopyOnce(uint destination, long source) => throw new NotSupportedException();

    /// <summary>Begins to copy 4 bytes from global to shared memory.</summary>
    [IntrinsicImplementation, Ptx("cp.async.ca.shared.global [$0], [$1], 4;")]
    public static void BeginCopy4(uint destination, long source) => throw new NotSupportedException();

    /// <summary>Begins to copy 8 bytes from global to shared memory.</summary>
    [IntrinsicImplementation, Ptx("cp.async.ca.shared.global [$0], [$1], 8;")]
    public static void BeginCopy8(uint destination, long source) => throw new NotSupportedException();

    /// <summary>Makes the copies begun since the last call one batch.</summary>
    [IntrinsicImplementation, Ptx("cp.async.commit_group;")]
    public static void EndBatch() => throw new NotSupportedException();

    /// <summary>Waits until all batches but the last one have arrived.</summary>
    [IntrinsicImplementation, Ptx("cp.async.wait_group 1;")]
    public static void AwaitAllButLast() => throw new NotSupportedException();

    /// <summary>Waits until all batches but the last ones have arrived.</summary>
    /// <param name="count">So many, a constant.</param>
    [IntrinsicImplementation, Ptx("cp.async.wait_group $c0;")]
    public static void AwaitAllBut(int count) => throw new NotSupportedException();

    /// <summary>Waits until all batches have arrived (<see cref="EndBatch"/>).</summary>
    [IntrinsicImplementation, Ptx("cp.async.wait_group 0;")]
    public static void AwaitBatches() => throw new NotSupportedException();

    /// <summary>Waits until all copies have arrived.</summary>
    [IntrinsicImplementation, Ptx("cp.async.wait_all;")]
    public static void AwaitAll() => throw new NotSupportedException();

    /// <summary>A float at the same shared address of another group of the cluster.</summary>
    [IntrinsicImplementation, Ptx(
        ".reg .u32 a; mapa.shared::cluster.u32 a, $0, $1; ld.shared::cluster.f32 $o0, [a];", Since = PtxArchitecture.Hopper, Before = "ld.shared.f32 $o0, [$0];")]
    public static float LoadOfRank(uint address, int rank) => throw new NotSupportedException();

    /// <summary>8 shared bytes.</summary>
    [IntrinsicImplementation, Ptx("ld.shared.v2.u32 {$o0,$o1}, [$0];")]
    public static Words2 LoadShared2(uint address) => throw new NotSupportedException();

    /// <summary>8 shared bytes.</summary>
    [IntrinsicImplementation, Ptx("st.shared.v2.u32 [$0], {$1,$2};")]
    public static void StoreShared2(uint address, Words2 value) => throw new NotSupportedException();

    /// <summary>4 shared bytes.</summary>
    [IntrinsicImplementation, Ptx("ld.shared.u32 $o0, [$0];")]
    public static uint LoadShared(uint address) => throw new NotSupportedException();

    /// <summary>A shared float.</summary>
    [IntrinsicImplementation, Ptx("ld.shared.f32 $o0, [$0];")]
    public static float LoadSharedFloat(uint address) => throw new NotSupportedException();

    /// <summary>A shared float.</summary>
    [IntrinsicImplementation, Ptx("st.shared.f32 [$0], $1;")]
    public static void StoreSharedFloat(uint address, float value) => throw new NotSupportedException();

    /// <summary>4 shared bytes.</summary>
    [IntrinsicImplementation, Ptx("st.shared.u32 [$0], $1;")]
    public static void StoreShared(uint address, uint value) => throw new NotSupportedException();

    /// <summary>16 shared bytes.</summary>
    [IntrinsicImplementation, Ptx("st.shared.v4.u32 [$0], {$1,$2,$3,$4};")]
    public static void StoreShared4(uint address, Words4 value) => throw new NotSupportedException();

    /// <summary>Two 8 x 8 matrices of 16-bit elements, of which lane 4g + t has columns 2t and 2t + 1 of row g: each column goes to 16
    /// shared bytes. Lanes 0 to 7 name the addresses of the first matrix' columns, lanes 8 to 15 those of the second.</summary>
    [IntrinsicImplementation, Ptx("stmatrix.sync.aligned.m8n8.x2.trans.shared.b16 [$0], {$1,$2};")]
    public static void StoreColumns(uint address, uint first, uint second) => throw new NotSupportedException();

    /// <summary>Four 8 x 8 matrices of 16-bit elements, whose rows are 16 shared bytes each: lane 4g + t receives columns 2t and 2t + 1 of
    /// row g. Lanes 0 to 7 name the addresses of the first matrix' rows, lanes 8 to 15 those of the second, and so on.</summary>
    [IntrinsicImplementation, Ptx("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {$o0,$o1,$o2,$o3}, [$0];")]
    public static Words4 LoadMatrices(uint address) => throw new NotSupportedException();

    /// <summary>As <see cref="LoadMatrices"/>, but lane 4g + t receives rows 2t and 2t + 1 of column g.</summary>
    [IntrinsicImplementation, Ptx("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {$o0,$o1,$o2,$o3}, [$0];")]
    public static Words4 LoadTransposed(uint address) => throw new NotSupportedException();

    /// <summary>2 shared bytes.</summary>
    [IntrinsicImplementation, Ptx(".reg .b16 h; ld.shared.u16 h, [$0]; cvt.u32.u16 $o0, h;")]
    public static uint LoadSharedShort(uint address) => throw new NotSupportedException();

    /// <summary>2 shared bytes.</summary>
    [IntrinsicImplementation, Ptx(".reg .b16 h; cvt.u16.u32 h, $1; st.shared.u16 [$0], h;")]
    public static void StoreSharedShort(uint address, uint value) => throw new NotSupportedException();

    /// <summary>4 floats.</summary>
    [IntrinsicImplementation, Ptx("st.global.v4.f32 [$0], {$1,$2,$3,$4};")]
    public static void StoreFloats4(long address, Floats4 value) => throw new NotSupportedException();

    /// <summary>4 floats.</summary>
    [IntrinsicImplementation, Ptx("ld.global.v4.f32 {$o0,$o1,$o2,$o3}, [$0];")]
    public static Floats4 LoadFloats4(long address) => throw new NotSupportedException();

    /// <summary>Stores 4 bytes; who reads them by <see cref="LoadAndAcquire"/> sees all that was written before, by the threads of
    /// the group before their last barrier too.</summary>
    [IntrinsicImplementation, Ptx("st.release.gpu.global.u32 [$0], $1;")]
    public static void StoreAndRelease(long address, uint value) => throw new NotSupportedException();

    /// <summary>16 bytes that another group may be waiting for, each word by itself: it orders nothing else.</summary>
    [IntrinsicImplementation, Ptx("st.relaxed.gpu.global.v4.u32 [$0], {$1,$2,$3,$4};")]
    public static void StoreForOthers4(long address, Words4 value) => throw new NotSupportedException();

    /// <summary>16 bytes that another group may be storing (<see cref="StoreForOthers4"/>): some words may be the new ones, some the old ones.</summary>
    [IntrinsicImplementation, Ptx("ld.relaxed.gpu.global.v4.u32 {$o0,$o1,$o2,$o3}, [$0];")]
    public static Words4 LoadOfOthers4(long address) => throw new NotSupportedException();

    /// <summary>4 bytes that another group stores (<see cref="StoreAndRelease"/>).</summary>
    [IntrinsicImplementation, Ptx("ld.acquire.gpu.global.u32 $o0, [$0];")]
    public static uint LoadAndAcquire(long address) => throw new NotSupportedException();

    /// <summary>4 floats, or zeros where <paramref name="isWanted"/> is 0.</summary>
    [IntrinsicImplementation, Ptx(
        ".reg .pred p; setp.ne.u32 p, $1, 0; mov.b32 $o0, 0; mov.b32 $o1, 0; mov.b32 $o2, 0; mov.b32 $o3, 0; "
        + "@p ld.global.v4.f32 {$o0,$o1,$o2,$o3}, [$0];")]
    public static Floats4 LoadFloatsIf4(long address, uint isWanted) => throw new NotSupportedException();

    /// <summary>Loads four floats from shared memory, at a multiple of 16 bytes.</summary>
    [IntrinsicImplementation, Ptx("ld.shared.v4.f32 {$o0,$o1,$o2,$o3}, [$0];")]
    public static Floats4 LoadSharedFloats4(uint address) => throw new NotSupportedException();

    /// <summary>Stores two floats to shared memory, at a multiple of 8 bytes, where <paramref name="isWanted"/> is not 0.</summary>
    [IntrinsicImplementation, Ptx(".reg .pred p; setp.ne.u32 p, $3, 0; @p st.shared.v2.f32 [$0], {$1,$2};")]
    public static void StoreSharedFloatsIf2(uint address, float x, float y, uint isWanted) => throw new NotSupportedException();

    /// <summary>Stores four floats to shared memory, at a multiple of 16 bytes.</summary>
    [IntrinsicImplementation, Ptx("st.shared.v4.f32 [$0], {$1,$2,$3,$4};")]
    public static void StoreSharedFloats4(uint address, Floats4 value) => throw new NotSupportedException();
}
