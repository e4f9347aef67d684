using System.Runtime.Intrinsics;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>How the codes of a quad, four columns of 8 rows, become floats, a column a vector. An instance is what stays in registers.</summary>
internal interface IQuadLookup256<TSelf>
    where TSelf : struct, IQuadLookup256<TSelf>
{
    /// <summary>The lookup of a block's table.</summary>
    /// <param name="block">The tables.</param>
    static abstract TSelf Of(in RowLaneBlock block);

    /// <summary>Constants for levels in place of entries.</summary>
    static abstract Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants);

    /// <summary>Floats that are in proportion to the entries.</summary>
    /// <param name="codes">Byte c of dword r is the code of row r in column c.</param>
    /// <param name="column0">Column 0.</param>
    /// <param name="column1">Column 1.</param>
    /// <param name="column2">Column 2.</param>
    /// <param name="column3">Column 3.</param>
    void Levels(Vector256<byte> codes, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3);
}
