using System.Runtime.InteropServices;

namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>The driver's <c>CUtensorMap</c>: a matrix, and the boxes of it that the copy engine brings to shared memory.</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal unsafe struct CudaMatrixMap
{
    private const int Bytes = 128;
    private const int Alignment = 64;
    private const int Bits16 = 1;
    private const int Swizzle128Bytes = 3;
    private const int Fetch256Bytes = 3;

    /// <summary>Columns of a box of 16-bit elements: 128 bytes.</summary>
    public const int BoxColumns = 64;

    /// <summary>Describes a matrix of 16-bit elements. A box has 64 columns; in shared memory its rows follow each other, and the
    /// 16-byte words of row r are exchanged by r modulo 8 (<see cref="Ptx.PtxWarpgroup.Descriptor"/>).</summary>
    /// <param name="address">The matrix, row after row, at a multiple of 16 bytes.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns, a multiple of 8.</param>
    /// <param name="boxRows">Rows of a box, up to 256.</param>
    /// <exception cref="InvalidOperationException">The driver refuses it.</exception>
    public static CudaMatrixMap Of(long address, int rows, int columns, int boxRows)
    {
        byte* room = stackalloc byte[Bytes + Alignment];
        var map = (CudaMatrixMap*)(((nint)room + Alignment - 1) & -Alignment);
        ulong* sizes = stackalloc ulong[] { (ulong)columns, (ulong)rows };
        ulong* strides = stackalloc ulong[] { (ulong)columns * sizeof(ushort) };
        uint* box = stackalloc uint[] { BoxColumns, (uint)boxRows };
        uint* steps = stackalloc uint[] { 1, 1 };
        CudaDriver.ThrowIfFailed(
            CudaDriver.EncodeMatrix(map, Bits16, 2, address, sizes, strides, box, steps, 0, Swizzle128Bytes, Fetch256Bytes, 0), "describe a matrix");
        return *map;
    }
}
