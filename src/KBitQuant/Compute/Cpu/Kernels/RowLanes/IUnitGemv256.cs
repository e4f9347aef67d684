namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>One or a few input rows times units of half a row group, or of both halves, as a type: what <see cref="GroupGemv256{TWidth, TUnit}"/>
/// does with a unit. An instance is what stays in registers, the lookup and the sums.</summary>
internal unsafe interface IUnitGemv256<TSelf>
    where TSelf : struct, IUnitGemv256<TSelf>
{
    /// <summary>Input rows.</summary>
    static abstract int Rows { get; }

    /// <summary>Halves of a row group.</summary>
    static abstract int Halves { get; }

    /// <summary>The lookup of a block's table, and sums of 0.</summary>
    static abstract TSelf Of(in RowLaneBlock block);

    /// <summary>Adds the unit's levels times its inputs.</summary>
    /// <param name="unit">The unit, from the half's first lane on.</param>
    /// <param name="buffer">Room for the unit's codes, a byte each.</param>
    /// <param name="x">The inputs of its columns, in the order that suits.</param>
    void Add(byte* unit, byte* buffer, float* x);

    /// <summary>y += the sums times the constants; the sums are 0 then.</summary>
    /// <param name="block">The block.</param>
    /// <param name="constants">Those of the lanes.</param>
    /// <param name="y">The lanes' sums, <see cref="GroupGemv256{TWidth, TUnit}.BlockLanes"/> floats from row to row.</param>
    void AddSegment(in RowLaneBlock block, float* constants, float* y);
}
