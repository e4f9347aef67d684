using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Values;

/// <summary>
/// Values of an evenly spaced table whose symbols are codes, by arithmetic: the code less that of zero, an integer, which the sums' scale divides
/// (<see cref="DataTypes.EvenEntries"/>). A code becomes the last bits of an element that counts in ones from a power of two on; what
/// is subtracted is that and the code of zero: exact. Zero is among the codes, so that what is subtracted also has the upper byte that makes a code an element: permutations take both from registers.
/// </summary>
/// <typeparam name="TElement">The element.</typeparam>
internal readonly struct EvenValues<TElement> : ICodeValues
    where TElement : struct, ITensorElement
{
    // A code of a and the upper byte of b's lower element, twice.
    private const uint FirstTwo = 0x5150;
    private const uint LastTwo = 0x5352;

    public bool HasTable => false;

    public void Prepare(DecodeArguments arguments, uint shared, int thread, int threads)
    {
    }

    public uint Key(DecodeArguments arguments, uint shared, int lane) => default(TElement).Twice(arguments.EvenOrigin);

    public QuarterValues FirstQuarter(Symbols symbols, uint key) => Decode(symbols.Low, symbols.High, FirstTwo, key);

    public QuarterValues SecondQuarter(Symbols symbols, uint key) => Decode(symbols.Low, symbols.High, LastTwo, key);

    public QuarterValues ThirdQuarter(Symbols symbols, uint key) => Decode(symbols.LowRest, symbols.HighRest, FirstTwo, key);

    public QuarterValues FourthQuarter(Symbols symbols, uint key) => Decode(symbols.LowRest, symbols.HighRest, LastTwo, key);

    public Words2 Registers(DecodeArguments arguments) => default;

    public QuarterValues LastColumns(Symbols symbols, uint key, Words2 registers) => FourthQuarter(symbols, key);

    public Words4 OrderLast(Words4 inputs) => inputs;

    private static QuarterValues Decode(Words4 low, Words4 high, uint bytes, uint key) => QuarterValues.Join(Decode(low, bytes, key), Decode(high, bytes, key));

    private static Words4 Decode(Words4 symbols, uint bytes, uint key) => new()
    {
        X = Subtract(PtxBits.Permute(symbols.X, key, bytes), key),
        Y = Subtract(PtxBits.Permute(symbols.Y, key, bytes), key),
        Z = Subtract(PtxBits.Permute(symbols.Z, key, bytes), key),
        W = Subtract(PtxBits.Permute(symbols.W, key, bytes), key),
    };

    private static uint Subtract(uint values, uint key) => default(TElement).MultiplyAdd(key, default(TElement).Twice(-1), values);
}
