using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Values;

/// <summary>Values from a table in shared memory.</summary>
/// <typeparam name="TLookup">The table.</typeparam>
internal readonly struct TableValues<TLookup> : ICodeValues
    where TLookup : struct, ITableLookup
{
    public bool HasTable => true;

    public void Prepare(DecodeArguments arguments, uint shared, int thread, int threads) =>
        default(TLookup).Fill(arguments.Table, shared, thread, threads);

    public uint Key(DecodeArguments arguments, uint shared, int lane) => shared + default(TLookup).LaneOffset(lane) - PtxMemory.SharedStart;

    public QuarterValues FirstQuarter(Symbols symbols, uint key) => default(TLookup).FirstQuarter(symbols, key);

    public QuarterValues SecondQuarter(Symbols symbols, uint key) => default(TLookup).SecondQuarter(symbols, key);

    public QuarterValues ThirdQuarter(Symbols symbols, uint key) => default(TLookup).ThirdQuarter(symbols, key);

    public QuarterValues FourthQuarter(Symbols symbols, uint key) => default(TLookup).FourthQuarter(symbols, key);

    public Words2 Registers(DecodeArguments arguments) => default(TLookup).Registers(arguments.Table);

    public QuarterValues LastColumns(Symbols symbols, uint key, Words2 registers) => default(TLookup).LastColumns(symbols, key, registers);

    public Words4 OrderLast(Words4 inputs) => default(TLookup).OrderLast(inputs);
}
