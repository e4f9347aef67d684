using BenchmarkDotNet.Attributes;
using KBitQuant.Packing;

namespace KBitQuant.Benchmarks.Micro;

/// <summary>The canonical packing, in the L1 cache.</summary>
[InProcess]
public class PackingBenchmarks
{
    private readonly byte[] _codes = new byte[MicroData.Length];
    private readonly byte[] _packed = new byte[MicroData.Length];

    [Params(2, 3, 4, 5, 6, 7, 8)]
    public int Bits { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        new Random(1).NextBytes(_packed);
        Unpack();
    }

    [Benchmark]
    public void Pack() => BitPacking.Pack(_codes, Bits, _packed);

    [Benchmark]
    public void Unpack() => BitPacking.Unpack(_packed, Bits, _codes);
}
