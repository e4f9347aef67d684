using System.Runtime.Intrinsics;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>How the codes of a quad, four columns of 8 rows, become floats, a column a vector.</summary>
internal unsafe interface IQuadLookup256
{
    /// <summary>Floats that are in proportion to the entries.</summary>
    /// <param name="block">The tables.</param>
    /// <param name="codes">Byte c of dword r is the code of row r in column c.</param>
    /// <param name="scratch">32 bytes for the method to use.</param>
    /// <param name="column0">Column 0.</param>
    /// <param name="column1">Column 1.</param>
    /// <param name="column2">Column 2.</param>
    /// <param name="column3">Column 3.</param>
    static abstract void Levels(in RowLaneBlock block, Vector256<byte> codes, byte* scratch, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3);

    /// <summary>Constants for levels in place of entries.</summary>
    static abstract Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants);
}
