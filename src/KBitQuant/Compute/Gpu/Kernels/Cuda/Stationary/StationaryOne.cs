using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Values;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>One input row: of what a product of the tensor cores gives, lanes 4g have the sums of rows g and g + 8. A fragment is these, a lane's after the other: 64
/// bytes for the 512 of eight input rows.</summary>
/// <typeparam name="TElement">The element.</typeparam>
internal readonly struct StationaryOne<TElement> : IStationaryColumns<Words4, Floats4>
    where TElement : struct, ITensorElement
{
    public int Count => 1;

    public int LanesShift => 2;

    public uint StoreOffset(int lane) => (uint)((lane >> 2) * 2 * sizeof(float));

    public Words4 Load(long x, long eightRows, int rows) => PtxMemory.LoadIf4(x, rows > 0 ? 1u : 0u);

    public Words4 OrderLast<TValues>(Words4 inputs)
        where TValues : struct, ICodeValues => default(TValues).OrderLast(inputs);

    public QuarterValues LastColumns<TValues>(Symbols symbols, uint key, Words2 registers)
        where TValues : struct, ICodeValues => default(TValues).LastColumns(symbols, key, registers);

    public Floats4 Add(Floats4 sums, QuarterValues weight, Words4 inputs) => Fragments<TElement>.Add(sums, weight, inputs);

    public Floats4 AddScaled(Floats4 sums, Floats4 products, Floats2 scales) =>
        new() { X = sums.X + (products.X * scales.X), Z = sums.Z + (products.Z * scales.Y) };

    public void Store(Floats4 sums, uint address, uint step, int lane) =>
        PtxMemory.StoreSharedFloatsIf2(address, sums.X, sums.Z, (lane & 3) == 0 ? 1u : 0u);

    public void Write<T>(DecodeArguments arguments, int n, int m, int lane, Floats4 sums)
        where T : struct, ITensorElement
    {
        n += lane * 2;
        StationaryGroup.Write<T>(arguments, n, sums.X);
        StationaryGroup.Write<T>(arguments, n + 8, sums.Y);
        StationaryGroup.Write<T>(arguments, n + 1, sums.Z);
        StationaryGroup.Write<T>(arguments, n + 9, sums.W);
    }
}
