using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Values;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>Twice as many input rows.</summary>
internal readonly struct StationaryTwice<TColumns, TInputs, TSums> : IStationaryColumns<SumPair<TInputs>, SumPair<TSums>>
    where TColumns : struct, IStationaryColumns<TInputs, TSums>
    where TInputs : unmanaged
    where TSums : unmanaged
{
    public int Count => 2 * default(TColumns).Count;

    public int LanesShift => default(TColumns).LanesShift;

    public uint StoreOffset(int lane) => default(TColumns).StoreOffset(lane);

    public SumPair<TInputs> Load(long x, long eightRows, int rows)
    {
        TColumns columns = default;
        return new()
        {
            First = columns.Load(x, eightRows, rows),
            Second = columns.Load(x + (columns.Count / 8 * eightRows), eightRows, rows - columns.Count),
        };
    }

    public SumPair<TInputs> OrderLast<TValues>(SumPair<TInputs> inputs)
        where TValues : struct, ICodeValues => inputs;

    /// <summary>By look-ups: what registers would take is more than they save beside twice as many products.</summary>
    public QuarterValues LastColumns<TValues>(Symbols symbols, uint key, Words2 registers)
        where TValues : struct, ICodeValues => default(TValues).FourthQuarter(symbols, key);

    public SumPair<TSums> Add(SumPair<TSums> sums, QuarterValues weight, SumPair<TInputs> inputs)
    {
        TColumns columns = default;
        sums.First = columns.Add(sums.First, weight, inputs.First);
        sums.Second = columns.Add(sums.Second, weight, inputs.Second);
        return sums;
    }

    public SumPair<TSums> AddScaled(SumPair<TSums> sums, SumPair<TSums> products, Floats2 scales)
    {
        TColumns columns = default;
        sums.First = columns.AddScaled(sums.First, products.First, scales);
        sums.Second = columns.AddScaled(sums.Second, products.Second, scales);
        return sums;
    }

    public void Store(SumPair<TSums> sums, uint address, uint step, int lane)
    {
        TColumns columns = default;
        columns.Store(sums.First, address, step, lane);
        columns.Store(sums.Second, address + ((uint)(columns.Count / 8) * step), step, lane);
    }

    public void Write<T>(DecodeArguments arguments, int n, int m, int lane, Floats4 sums)
        where T : struct, ITensorElement => default(TColumns).Write<T>(arguments, n, m, lane, sums);
}
