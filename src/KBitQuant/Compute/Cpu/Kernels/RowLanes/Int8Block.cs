using System.Runtime.CompilerServices;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Row groups and how their bytes become values, as the inner loops of 8-bit inputs see them.</summary>
internal readonly unsafe struct Int8Block
{
    /// <summary>The groups: codes, constants, offsets.</summary>
    public RowLaneBlock Groups { get; init; }

    /// <summary>16 levels, where levels are looked up.</summary>
    public byte* Levels { get; init; }

    /// <summary>Units of columns that share a scale of the inputs.</summary>
    public int InputBlockUnits { get; init; }

    /// <summary>Blocks of inputs that share a constant.</summary>
    public int SegmentInputBlocks
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Groups.UnitsPerSegment / InputBlockUnits;
    }
}
