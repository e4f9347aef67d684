using KBitQuant.Compute;

namespace KBitQuant.Benchmarks.Peers.Ggml;

/// <summary>ggml, the library of llama.cpp.</summary>
internal sealed class GgmlPeer : Peer
{
    private readonly GgmlLibrary _library;

    /// <exception cref="PeerUnavailableException">Its libraries are not there or do not load.</exception>
    public GgmlPeer() => _library = GgmlLibrary.Load();

    public override string Name => "ggml";

    public override string Version => _library.Version;

    public override IReadOnlyList<PeerFormat> Formats =>
    [
        Format(GgmlType.Q4_0, 4), Format(GgmlType.Q4_K, 4), Format(GgmlType.IQ4_NL, 4), Format(GgmlType.Q8_0, 8), Format(GgmlType.Q6_K, 6),
        Format(GgmlType.Q5_K, 5), Format(GgmlType.Q3_K, 3), Format(GgmlType.Q2_K, 2), Format(GgmlType.F16, 16, ActivationPrecision.Exact),
    ];

    private GgmlFormat Format(GgmlType type, int bits, ActivationPrecision activations = ActivationPrecision.Int8) => new(_library, type, bits, activations);

    private sealed class GgmlFormat(GgmlLibrary library, GgmlType type, int bits, ActivationPrecision activations) : PeerFormat($"{type}", bits, activations)
    {
        public override PeerWeight Quantize(Problem problem) => new GgmlWeight(library, problem, type);
    }
}
