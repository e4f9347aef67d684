using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;
using KBitQuant.Numerics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>The inner loops for one instruction set and one k.</summary>
internal readonly unsafe struct RowLaneFunctions
{
    public delegate*<in RowLaneBlock, float*, float*, void> Gemv { get; private init; }

    /// <summary>Row groups that <see cref="Gemv"/> takes.</summary>
    public int GemvGroups { get; private init; }

    /// <summary>Whether <see cref="Gemv"/> takes constants as they are stored.</summary>
    public bool DecodesConstants { get; private init; }

    /// <summary>The same for <see cref="FewRows"/> input rows, y being [row][64], where that is faster than a panel; or null.</summary>
    public delegate*<in RowLaneBlock, float*, float*, void> GemvFew { get; private init; }

    /// <summary>Input rows of <see cref="GemvFew"/>.</summary>
    public int FewRows { get; private init; }

    /// <summary>Puts an input row in the order of the loops: inputs, how many, where to, and how many rows lie side by side; or null.</summary>
    public delegate*<float*, int, float*, int, void> ArrangeInputs { get; private init; }

    /// <summary>Whether <see cref="Gemv"/>, too, takes its row so arranged, and not as it is.</summary>
    public bool ArrangesOne { get; private init; }

    public delegate*<in RowLaneBlock, int, int, int, float*, void> DecodePanel { get; private init; }

    public PanelBlocking Blocking { get; private init; }

    public delegate*<InputTiles, int, float*, int, float*, void> MultiplyPanels { get; private init; }

    /// <summary>All columns of a row group times one short tile of input rows without a panel, where that is faster; or null.</summary>
    public delegate*<in RowLaneBlock, int, float*, float*, void> BatchShort { get; private init; }

    /// <summary>The same for a tall tile.</summary>
    public delegate*<in RowLaneBlock, int, float*, float*, void> BatchTall { get; private init; }

    /// <summary>The planes that these functions look up in place of the type's own, or null.</summary>
    public byte[]? TablePlanes { get; private init; }

    /// <summary>What an entry of the planes is multiplied by: 1 but for a <see cref="ShortTable"/>.</summary>
    public float PlaneStep { get; private init; }

    /// <summary>For AVX-512: F is enough, VBMI helps tables of more than 32 entries that are not evenly spaced.</summary>
    public static RowLaneFunctions Avx512(DataType type)
    {
        bool isUniform = UniformTable.Of(type) is not null;
        var shortTable = ShortTable.Of(type);
        return type.Bits switch
        {
            2 => Avx512<Width2, Table16>() with { Gemv = &PairGemv512.Gemv, GemvGroups = PairGemv512.Groups },
            3 => Avx512<Width3, Table16>(),
            4 => Avx512<Width4, Table16>(),
            5 => Avx512<Width5, Table32>(),
            6 when isUniform => Avx512<Width6, EvenTable512<Width6>>(),
            7 when isUniform => Avx512<Width7, EvenTable512<Width7>>(),
            8 when isUniform => Avx512<Width8, EvenTable512<Width8>>(),
            6 when Avx512BW.IsSupported => Avx512<Width6, WordPlaneTable>(),
            6 => Avx512<Width6, LargeTable<Width6>>(),
            7 when !Avx512Vbmi.IsSupported => Avx512<Width7, LargeTable<Width7>>(),
            7 when shortTable is not null => Avx512<Width7, ShortPlaneTable<Width7, TwoRegisterPermutation>>() with { TablePlanes = shortTable.Planes, PlaneStep = shortTable.Step },
            7 => Avx512<Width7, BytePlaneTable<Width7, TwoRegisterPermutation>>(),
            8 when !Avx512Vbmi.IsSupported => Avx512<Width8, LargeTable<Width8>>(),
            8 when ProcessorVendor.IsAmd => EightBits512<TwoRegisterPermutation>(shortTable),
            8 => EightBits512<MaskedPermutation>(shortTable),
            _ => throw OutOfRange(type),
        };
    }

    /// <summary>For AVX2 with FMA: what was fastest for each k; few rows of 3 and 7 bits, whose planes take longest to join, by a panel.</summary>
    public static RowLaneFunctions Avx2(DataType type)
    {
        bool isUniform = UniformTable.Of(type) is not null;
        return type.Bits switch
        {
            2 when isUniform => Uniform256<Width2, PermuteQuad256>(),
            3 when isUniform => Uniform256<Width3, UniformQuad256<Width3>>() with { GemvFew = null },
            4 when isUniform => Uniform256<Width4, UniformQuad256<Width4>>(),
            5 when isUniform => Uniform256<Width5, UniformQuad256<Width5>>(),
            6 when isUniform => Uniform256<Width6, UniformQuad256<Width6>>(),
            7 when isUniform => Uniform256<Width7, UniformQuad256<Width7>>() with { GemvFew = null },
            8 when isUniform => Uniform256<Width8, UniformQuad256<Width8>>(),
            2 => LookedUp256<Width2, PermuteQuad256>() with { Gemv = &GroupGemv256<Width2, UnitRegisters256<Width2, PermuteQuad256>>.Gemv },
            3 => LookedUp256<Width3, PlaneQuad256>() with { Gemv = &GroupGemv256<Width3, UnitRegisters256<Width3, PlaneQuad256>>.Gemv },
            4 => LookedUp256<Width4, PlaneQuad256>() with { Gemv = &GroupGemv256<Width4, UnitRegisters256<Width4, PlaneQuad256>>.Gemv },
            5 => LookedUp256<Width5, LargePlaneQuad256<Width5>>() with { TablePlanes = LargePlaneQuad256<Width5>.Steps(type.LookupPlanes) },
            6 => LookedUp256<Width6, LargePlaneQuad256<Width6>>() with { TablePlanes = LargePlaneQuad256<Width6>.Steps(type.LookupPlanes) },
            7 => LookedUp256<Width7, LoadQuad256>(),
            8 => LookedUp256<Width8, LoadQuad256>(),
            _ => throw OutOfRange(type),
        };
    }

    /// <summary>For every processor.</summary>
    public static RowLaneFunctions Vector256(DataType type) => type.Bits switch
    {
        2 => Of<RowLaneVector256<Width2, LoadQuad256>, PanelTileVector256>(),
        3 => Of<RowLaneVector256<Width3, LoadQuad256>, PanelTileVector256>(),
        4 => Of<RowLaneVector256<Width4, LoadQuad256>, PanelTileVector256>(),
        5 => Of<RowLaneVector256<Width5, LoadQuad256>, PanelTileVector256>(),
        6 => Of<RowLaneVector256<Width6, LoadQuad256>, PanelTileVector256>(),
        7 => Of<RowLaneVector256<Width7, LoadQuad256>, PanelTileVector256>(),
        8 => Of<RowLaneVector256<Width8, LoadQuad256>, PanelTileVector256>(),
        _ => throw OutOfRange(type),
    };

    /// <summary>Whether so many input rows go by <see cref="Gemv"/> or <see cref="GemvFew"/>: those of which a panel would make short tiles
    /// only.</summary>
    public bool TakesFew(int inputRows)
    {
        int shortRows = Blocking.ShortTiles(inputRows) * PanelBlocking.ShortRows;
        return inputRows == 1 || (GemvFew is not null && inputRows <= shortRows && shortRows % FewRows == 0);
    }

    private static ArgumentOutOfRangeException OutOfRange(DataType type) =>
        new(nameof(type), type.Bits, $"The layout of {nameof(RowLaneLayout)} has 2 to 8 bits.");

    private static RowLaneFunctions Avx512<TWidth, TTable>()
        where TWidth : struct, ICodeWidth
        where TTable : struct, IQuadTable512<TTable> =>
        Of<RowLaneAvx512<TWidth, TTable>, PanelTileAvx512>() with
        {
            DecodesConstants = true,
            BatchShort = &RowLaneBatch512<TWidth, TTable>.Multiply4,
            BatchTall = &RowLaneBatch512<TWidth, TTable>.Multiply8,
        };

    private static RowLaneFunctions EightBits512<TPermutation>(ShortTable? shortTable)
        where TPermutation : struct, IBytePermutation => shortTable is null
        ? Avx512<Width8, BytePlaneTable<Width8, TPermutation>>()
        : Avx512<Width8, ShortPlaneTable<Width8, TPermutation>>() with { TablePlanes = shortTable.Planes, PlaneStep = shortTable.Step };

    private static RowLaneFunctions Uniform256<TWidth, TLookup>()
        where TWidth : struct, ICodeWidth
        where TLookup : struct, IQuadLookup256<TLookup> =>
        Of<RowLaneVector256<TWidth, TLookup>, PanelTileVector256>() with
        {
            Gemv = &GroupGemv256<TWidth, UniformRow256<TWidth>>.Gemv,
            GemvFew = &GroupGemv256<TWidth, UniformRows256<TWidth>>.Gemv,
            FewRows = UniformRows256<TWidth>.Rows,
            ArrangeInputs = &UniformRow256<TWidth>.Arrange,
            ArrangesOne = true,
        };

    private static RowLaneFunctions LookedUp256<TWidth, TLookup>()
        where TWidth : struct, ICodeWidth
        where TLookup : struct, IQuadLookup256<TLookup> =>
        Of<RowLaneVector256<TWidth, TLookup>, PanelTileVector256>() with
        {
            GemvFew = &GroupGemv256<TWidth, UnitRows256<TWidth, TLookup>>.Gemv,
            FewRows = UnitRows256<TWidth, TLookup>.Rows,
            ArrangeInputs = &UnitRows256<TWidth, TLookup>.Arrange,
        };

    private static RowLaneFunctions Of<TOperations, TTile>()
        where TOperations : IRowLaneOperations
        where TTile : IPanelTile => new()
        {
            Gemv = &TOperations.Gemv,
            GemvGroups = TOperations.GemvGroups,
            PlaneStep = 1,
            DecodePanel = &TOperations.DecodePanel,
            Blocking = TTile.Blocking,
            MultiplyPanels = &PanelProduct<TTile>.Multiply,
        };
}
