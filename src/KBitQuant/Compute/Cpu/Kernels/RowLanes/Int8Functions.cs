namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>The inner loops of 8-bit inputs for one instruction set and one k.</summary>
internal readonly unsafe struct Int8Functions
{
    private readonly bool _gemvTakesWords;
    private readonly bool _panelsTakeWords;

    private Int8Functions(bool gemvTakesWords, bool panelsTakeWords) => (_gemvTakesWords, _panelsTakeWords) = (gemvTakesWords, panelsTakeWords);

    public delegate*<in Int8Block, int, byte*, Int8InputBlock*, float*, void> Gemv { get; private init; }

    /// <summary>Whether <see cref="Gemv"/> takes constants as they are stored.</summary>
    public bool DecodesConstants { get; private init; }

    public delegate*<in Int8Block, int, int, int, byte*, void> DecodePanel { get; private init; }

    public delegate*<in Int8Panel, byte*, Int8InputBlock*, float*, void> Multiply4 { get; private init; }

    /// <summary>A row group times a tile of <see cref="FewRows"/> input rows without a panel, where that is faster; or null. After the sums comes how many
    /// lie between those of two rows.</summary>
    public delegate*<in Int8Block, int, int*, Int8InputBlock*, float*, int, void> GemvFew { get; private init; }

    /// <summary>The same for the first four rows of a tile.</summary>
    public delegate*<in Int8Block, int, int*, Int8InputBlock*, float*, int, void> GemvFour { get; private init; }

    /// <summary>Input rows of <see cref="GemvFew"/>.</summary>
    public int FewRows { get; private init; }

    /// <summary>Whether so many input rows go by <see cref="Gemv"/> or <see cref="GemvFew"/>.</summary>
    public bool TakesFew(int rows) => rows == 1 || rows <= FewRows;

    /// <summary>Whether so many input rows are taken as words.</summary>
    public bool TakesWords(int rows) => rows == 1 ? _gemvTakesWords : _panelsTakeWords;

    /// <summary>For AVX-512BW.</summary>
    public static Int8Functions Avx512(int bits, bool isLookup) => Avx512Loops(bits, isLookup) with { DecodesConstants = true };

    /// <summary>For AVX2.</summary>
    public static Int8Functions Avx2(int bits, bool isLookup) => Vector256<ByteDotAvx2>(bits, isLookup);

    /// <summary>For AVX-VNNI.</summary>
    public static Int8Functions AvxVnni(int bits, bool isLookup) => Vector256<ByteDotVnni>(bits, isLookup);

    private static Int8Functions Avx512Loops(int bits, bool isLookup) => (bits, isLookup) switch
    {
        (2, false) => Avx512<Width2, CodeIsLevel>(),
        (3, false) => Avx512<Width3, CodeIsLevel>(),
        (4, false) => Avx512<Width4, CodeIsLevel>(),
        (5, false) => Avx512<Width5, CodeIsLevel>(),
        (6, false) => Avx512<Width6, CodeIsLevel>(),
        (7, false) => Avx512<Width7, CodeIsLevel>().WithVnni(),
        // One row waits for memory.
        (8, false) => AvxVnniTile.IsSupported
            ? Of<Int8Avx512<Width8, CodeIsLevel>, Int8Vector256<Width8, CodeIsLevel, ByteDotVnni>>().WithVnni()
            : Of<Int8Avx512<Width8, CodeIsLevel>>(),
        (2, true) => Avx512<Width2, LookedUpLevel>().WithVnni(),
        (3, true) => Avx512<Width3, LookedUpLevel>().WithVnni(),
        (4, true) => Avx512<Width4, LookedUpLevel>().WithVnni(),
        _ => throw NoSuchTable(bits),
    };

    /// <summary>Levels whose products cannot be summed in words (<see cref="WordSums{TWidth, TLookup}"/>) take less in one instruction on 8 lanes than in
    /// three on 16.</summary>
    private Int8Functions WithVnni() => AvxVnniTile.IsSupported ? this with { Multiply4 = &AvxVnniTile.Multiply4 } : this;

    private static Int8Functions Avx512<TWidth, TLookup>()
        where TWidth : struct, ICodeWidth
        where TLookup : struct, ILevelLookup => Of<Int8Avx512<TWidth, TLookup>>() with
        {
            GemvFew = &Int8Batch512<TWidth, TLookup>.Multiply8,
            GemvFour = &Int8Batch512<TWidth, TLookup>.Multiply4,
            FewRows = Int8Batch512<TWidth, TLookup>.TileRows,
        };

    private static Int8Functions Vector256<TDot>(int bits, bool isLookup)
        where TDot : struct, IByteDot256 => (bits, isLookup) switch
        {
            (2, false) => Of<Int8Vector256<Width2, CodeIsLevel, TDot>>(),
            (3, false) => Of<Int8Vector256<Width3, CodeIsLevel, TDot>>(),
            (4, false) => Of<Int8Vector256<Width4, CodeIsLevel, TDot>>(),
            (5, false) => Of<Int8Vector256<Width5, CodeIsLevel, TDot>>(),
            (6, false) => Of<Int8Vector256<Width6, CodeIsLevel, TDot>>(),
            (7, false) => Of<Int8Vector256<Width7, CodeIsLevel, TDot>>(),
            (8, false) => Of<Int8Vector256<Width8, CodeIsLevel, TDot>>(),
            (2, true) => Of<Int8Vector256<Width2, LookedUpLevel, TDot>>(),
            (3, true) => Of<Int8Vector256<Width3, LookedUpLevel, TDot>>(),
            (4, true) => Of<Int8Vector256<Width4, LookedUpLevel, TDot>>(),
            _ => throw NoSuchTable(bits),
        };

    private static ArgumentOutOfRangeException NoSuchTable(int bits) =>
        new(nameof(bits), bits, "Evenly spaced tables have 2 to 8 bits here, others 2 to 4.");

    private static Int8Functions Of<TOperations>()
        where TOperations : IInt8Operations => Of<TOperations, TOperations>();

    private static Int8Functions Of<TGemv, TPanels>()
        where TGemv : IInt8Operations
        where TPanels : IInt8Operations => new(TGemv.TakesWords, TPanels.TakesWords)
        {
            Gemv = &TGemv.Gemv,
            DecodePanel = &TPanels.DecodePanel,
            Multiply4 = &TPanels.Multiply4,
        };
}
