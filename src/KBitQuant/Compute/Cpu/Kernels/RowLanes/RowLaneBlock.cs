using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Up to four row groups as the inner loops see them.</summary>
internal readonly unsafe struct RowLaneBlock
{
    /// <summary>Rows of a decoded panel: two groups.</summary>
    public const int PanelRows = 2 * RowLaneLayout.Lanes;

    private readonly int _groupCount;
    private readonly long _groupBytes;

    /// <param name="groupCount">Groups that are there, at least 1; asking for more gives the last again.</param>
    /// <param name="groupBytes">Bytes of a group's codes.</param>
    public RowLaneBlock(int groupCount, long groupBytes) => (_groupCount, _groupBytes) = (groupCount, groupBytes);

    /// <summary>The first group's codes; the others follow.</summary>
    public byte* Codes { get; init; }

    /// <summary>256 entries, those of a shorter table repeated.</summary>
    public float* Table { get; init; }

    /// <summary>The table as four planes of 256 bytes, or <see cref="RowLaneFunctions.TablePlanes"/>.</summary>
    public byte* TablePlanes { get; init; }

    /// <summary>What entries in planes are multiplied with.</summary>
    public float PlaneStep { get; init; }

    /// <summary>The table by arithmetic, where there is one.</summary>
    public UniformTable Uniform { get; init; }

    /// <summary>[group][segment][lane].</summary>
    public float* Constants { get; init; }

    /// <summary>The same as they are stored.</summary>
    public byte* StoredConstants { get; init; }

    /// <summary>And how that is.</summary>
    public LaneFormat StoredFormat { get; init; }

    /// <summary>[group][segment][lane], or null.</summary>
    public float* Offsets { get; init; }

    public int Segments { get; init; }

    public int UnitsPerSegment { get; init; }

    /// <summary>Bytes of a unit's codes.</summary>
    public int UnitBytes { get; init; }

    /// <summary>Where a group's codes start.</summary>
    public long GroupBytes(int group) => Math.Min(group, _groupCount - 1) * _groupBytes;

    /// <summary>Where a group's constants start.</summary>
    public long GroupConstants(int group) => (long)Math.Min(group, _groupCount - 1) * Segments * RowLaneLayout.Lanes;
}
