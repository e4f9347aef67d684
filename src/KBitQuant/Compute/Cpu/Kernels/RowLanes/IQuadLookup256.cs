using System.Runtime.Intrinsics;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>How the codes of a quad, four columns of 8 rows, become floats. An instance is what stays in registers.</summary>
internal unsafe interface IQuadLookup256<TSelf>
    where TSelf : struct, IQuadLookup256<TSelf>
{
    /// <summary>Whether a vector of floats is that of four neighbouring bytes of each 128 bits, all columns of rows r and r + 4, and not a column,
    /// unless columns are asked for.</summary>
    static abstract bool KeepsOrder { get; }

    /// <summary>The lookup of a block's table.</summary>
    /// <param name="block">The tables.</param>
    static abstract TSelf Of(in RowLaneBlock block);

    /// <summary>Constants for levels in place of entries.</summary>
    static abstract Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants);

    /// <summary>Floats that are in proportion to the entries.</summary>
    /// <param name="codes">32 bytes: byte c of dword r is the code of row r in column c.</param>
    /// <param name="byColumn">Whether each vector is to be a column.</param>
    /// <param name="levels0">Column 0, or rows 0 and 4.</param>
    /// <param name="levels1">Column 1, or rows 1 and 5.</param>
    /// <param name="levels2">Column 2, or rows 2 and 6.</param>
    /// <param name="levels3">Column 3, or rows 3 and 7.</param>
    void Levels(byte* codes, bool byColumn, out Vector256<float> levels0, out Vector256<float> levels1, out Vector256<float> levels2, out Vector256<float> levels3);
}
