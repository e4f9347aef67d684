using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Row groups and how their bytes become values, as the inner loops of 8-bit inputs see them.</summary>
internal readonly unsafe struct Int8Block
{
    /// <summary>The groups: codes, constants, offsets.</summary>
    public RowLaneBlock Groups { get; init; }

    /// <summary>16 levels, where levels are looked up.</summary>
    public byte* Levels { get; init; }

    /// <summary>Columns that share a scale of the inputs.</summary>
    public int InputBlockColumns { get; init; }

    /// <summary>Blocks of inputs in a row.</summary>
    public int InputBlocks { get; init; }

    /// <summary>Units of a block of inputs.</summary>
    public int InputBlockUnits => InputBlockColumns / RowLaneLayout.UnitColumns;

    /// <summary>Where the constants of a block of inputs start.</summary>
    public long ConstantsAt(int group, int inputBlock) =>
        Groups.GroupConstants(group) + ((long)(inputBlock * InputBlockUnits / Groups.UnitsPerSegment) * RowLaneLayout.Lanes);
}
