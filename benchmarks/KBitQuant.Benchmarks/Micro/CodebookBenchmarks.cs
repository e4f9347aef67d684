using BenchmarkDotNet.Attributes;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Benchmarks.Micro;

/// <summary>From value to nearest entry's code, and from code to entry, in the L1 cache.</summary>
[InProcess]
public class CodebookBenchmarks
{
    private readonly float[] _values = BenchmarkData.Normal(MicroData.Length, 1);
    private readonly byte[] _codes = new byte[MicroData.Length];
    private float _absMax;
    private DataType _type = null!;

    [Params("int2", "nf3", "int4", "nf4", "nf5", "nf6", "nf7", "int8", "dynamic8")]
    public string Type { get; set; } = "";

    [GlobalSetup]
    public void Fill()
    {
        _type = DataTypeCatalog.Get(Type);
        _absMax = AbsMax.Of<float>(_values);
        NearestEntry();
    }

    [Benchmark]
    public void NearestEntry() => Quantization.NearestEntry.Encode(_values, 0, _absMax, _type.Search, _codes);

    [Benchmark]
    public void Lookup() => CodebookLookup.Decode(_codes, _type, _values);
}
