namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;

/// <summary>Twice as many input rows.</summary>
internal readonly struct TwiceColumns<TColumns, TSums> : IColumns<SumPair<TSums>>
    where TColumns : struct, IColumns<TSums>
    where TSums : unmanaged
{
    public int Count => 2 * default(TColumns).Count;

    public SumPair<TSums> Add(SumPair<TSums> sums, QuarterValues first, QuarterValues second, uint x)
    {
        TColumns columns = default;
        sums.First = columns.Add(sums.First, first, second, x);
        sums.Second = columns.Add(sums.Second, first, second, x + (uint)(columns.Count / 8 * BatchGroup.EightRowsBytes));
        return sums;
    }

    public SumPair<TSums> AddScaled(SumPair<TSums> sums, SumPair<TSums> products, RowScales scales)
    {
        TColumns columns = default;
        sums.First = columns.AddScaled(sums.First, products.First, scales);
        sums.Second = columns.AddScaled(sums.Second, products.Second, scales);
        return sums;
    }

    public void Store(SumPair<TSums> sums, uint address, int pitch)
    {
        TColumns columns = default;
        columns.Store(sums.First, address, pitch);
        columns.Store(sums.Second, address + (uint)(columns.Count * pitch), pitch);
    }
}
