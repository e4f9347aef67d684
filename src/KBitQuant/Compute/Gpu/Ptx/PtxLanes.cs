using ILGPU.IR.Intrinsics;

namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>How the lanes of a warp, all of them, read each other's registers.</summary>
internal static class PtxLanes
{
    /// <summary>The value of a lane.</summary>
    [IntrinsicImplementation, Ptx("shfl.sync.idx.b32 $o0, $0, $1, 31, 0xffffffff;")]
    public static uint Read(uint value, int lane) => throw new NotSupportedException();

    /// <summary>The transpose of an 8 x 8 matrix of 16-bit elements, of which lane 4g + t has columns 2t and 2t + 1 of row g.</summary>
    [IntrinsicImplementation, Ptx("movmatrix.sync.aligned.m8n8.trans.b16 $o0, $0;")]
    public static uint Transpose(uint pair) => throw new NotSupportedException();

    /// <summary>The value of a lane.</summary>
    [IntrinsicImplementation, Ptx("shfl.sync.idx.b32 $o0, $0, $1, 31, 0xffffffff;")]
    public static float Read(float value, int lane) => throw new NotSupportedException();

    /// <summary>The largest number of any lane.</summary>
    [IntrinsicImplementation, Ptx("redux.sync.max.u32 $o0, $0, 0xffffffff;")]
    public static uint Largest(uint value) => throw new NotSupportedException();
}
