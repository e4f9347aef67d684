using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>Values from a table in shared memory.</summary>
/// <typeparam name="TLookup">The table.</typeparam>
internal readonly struct StationaryTable<TLookup> : IStationaryValues
    where TLookup : struct, ITableLookup
{
    public void Prepare(StationaryArguments arguments, uint shared, int thread, int threads) =>
        default(TLookup).Fill(arguments.Product.Table, shared, thread, threads);

    public uint Key(StationaryArguments arguments, uint shared, int lane) => shared + default(TLookup).LaneOffset(lane) - PtxMemory.SharedStart;

    public Words4 FirstQuarter(Symbols symbols, uint key) => default(TLookup).FirstQuarter(symbols, key);

    public Words4 SecondQuarter(Symbols symbols, uint key) => default(TLookup).SecondQuarter(symbols, key);

    public Words4 ThirdQuarter(Symbols symbols, uint key) => default(TLookup).ThirdQuarter(symbols, key);

    public Words4 FourthQuarter(Symbols symbols, uint key) => default(TLookup).FourthQuarter(symbols, key);
}
