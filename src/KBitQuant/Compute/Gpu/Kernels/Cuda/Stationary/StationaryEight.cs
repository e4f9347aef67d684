using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Values;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>Eight input rows: what one product of the tensor cores takes. Fragments are as lanes have them: rows g and g + 8 with input rows 2t and 2t + 1.</summary>
/// <typeparam name="TElement">The element.</typeparam>
internal readonly struct StationaryEight<TElement> : IStationaryColumns<Words4, Floats4>
    where TElement : struct, ITensorElement
{
    public int Count => 8;

    public int LanesShift => 5;

    public uint StoreOffset(int lane) => (uint)(lane * StationaryGroup.LaneBytes);

    public Words4 Load(long x, long eightRows, int rows) => PtxMemory.LoadIf4(x, rows > 0 ? 1u : 0u);

    public Words4 OrderLast<TValues>(Words4 inputs)
        where TValues : struct, ICodeValues => default(TValues).OrderLast(inputs);

    public QuarterValues LastColumns<TValues>(Symbols symbols, uint key, Words2 registers)
        where TValues : struct, ICodeValues => default(TValues).LastColumns(symbols, key, registers);

    public Floats4 Add(Floats4 sums, QuarterValues weight, Words4 inputs) => Fragments<TElement>.Add(sums, weight, inputs);

    public Floats4 AddScaled(Floats4 sums, Floats4 products, Floats2 scales) => new()
    {
        X = sums.X + (products.X * scales.X),
        Y = sums.Y + (products.Y * scales.X),
        Z = sums.Z + (products.Z * scales.Y),
        W = sums.W + (products.W * scales.Y),
    };

    public void Store(Floats4 sums, uint address, uint step, int lane) => PtxMemory.StoreSharedFloats4(address, sums);

    public void Write<T>(DecodeArguments arguments, int n, int m, int lane, Floats4 sums)
        where T : struct, ITensorElement
    {
        n += lane >> 2;
        m += (lane & 3) * 2;
        StationaryGroup.Write<T>(arguments, n, m, sums.X, sums.Y);
        StationaryGroup.Write<T>(arguments, n + 8, m, sums.Z, sums.W);
    }
}
