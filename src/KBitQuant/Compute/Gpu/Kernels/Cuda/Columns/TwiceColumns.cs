namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;

/// <summary>Twice as many input rows.</summary>
internal readonly struct TwiceColumns<TColumns, TSums> : IColumns<SumPair<TSums>>
    where TColumns : struct, IColumns<TSums>
    where TSums : unmanaged
{
    public int Count => 2 * default(TColumns).Count;

    public WeightChunk Prepare(WeightChunk chunk, DecodeArguments arguments) => default(TColumns).Prepare(chunk, arguments);

    public SumPair<TSums> Add(SumPair<TSums> sums, WeightChunk chunk, uint x0, uint x1)
    {
        TColumns columns = default;
        uint next = (uint)(columns.Count / 8 * BatchGroup.EightRowsBytes);
        sums.First = columns.Add(sums.First, chunk, x0, x1);
        sums.Second = columns.Add(sums.Second, chunk, x0 + next, x1 + next);
        return sums;
    }

    public void Store(SumPair<TSums> sums, uint address)
    {
        TColumns columns = default;
        columns.Store(sums.First, address);
        columns.Store(sums.Second, address + (uint)(columns.Count * BatchGroup.OutputPitch));
    }
}
