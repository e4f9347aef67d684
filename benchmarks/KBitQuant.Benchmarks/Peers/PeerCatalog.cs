using KBitQuant.Benchmarks.Peers.Dense;
using KBitQuant.Benchmarks.Peers.Ggml;
using KBitQuant.Benchmarks.Peers.OnnxRuntime;
using KBitQuant.Benchmarks.Peers.Torch;

namespace KBitQuant.Benchmarks.Peers;

/// <summary>What is compared with: dense weights and the other libraries. To add one, write its peer and add its line here.</summary>
internal static class PeerCatalog
{
    private static readonly (string Name, Func<Peer> Load)[] All =
    [
        ("dense", () => new DensePeer()),
        ("ONNX Runtime", () => new OnnxRuntimePeer()),
        ("ggml", () => new GgmlPeer()),
        ("TorchSharp", () => new TorchPeer()),
    ];

    /// <summary>Those that load, and a line for each other that says why not.</summary>
    public static (IReadOnlyList<Peer> Peers, IReadOnlyList<string> Skipped) Load()
    {
        var peers = new List<Peer>();
        var skipped = new List<string>();
        foreach ((string name, Func<Peer> load) in All)
        {
            try
            {
                peers.Add(load());
            }
            catch (PeerUnavailableException exception)
            {
                skipped.Add($"{name} is skipped: {exception.Message}");
            }
        }

        return (peers, skipped);
    }
}
