using KBitQuant.Compute;
using Microsoft.ML.OnnxRuntime;

namespace KBitQuant.Benchmarks.Peers.OnnxRuntime;

/// <summary>ONNX Runtime's operators for quantized weights.</summary>
internal sealed class OnnxRuntimePeer : Peer
{
    /// <exception cref="PeerUnavailableException">Its native library is not there or does not load.</exception>
    public OnnxRuntimePeer()
    {
        try
        {
            Version = OrtEnv.Instance().GetVersionString();
        }
        catch (TypeInitializationException exception)
        {
            string reason = exception.GetBaseException().Message.Split(". ")[0];
            throw new PeerUnavailableException($"{reason} (the native library comes with a build with -p:NativePeers=true)", exception);
        }
    }

    public override string Name => "ONNX Runtime";

    public override string Version { get; }

    // Block sizes are those for which it has fast paths. 8 and 2 bits with float inputs have none: two rows show them.
    public override IReadOnlyList<PeerFormat> Formats { get; } =
    [
        .. new[] { 32, 64, 128 }.Select(block => new MatMulNBitsFormat(4, block, ActivationPrecision.Exact)),
        .. new[] { 32, 64, 128 }.Select(block => new MatMulNBitsFormat(4, block, ActivationPrecision.Int8)),
        .. new[] { 32, 128 }.Select(block => new MatMulNBitsFormat(8, block, ActivationPrecision.Int8)),
        .. new[] { 64, 128 }.Select(block => new MatMulNBitsFormat(2, block, ActivationPrecision.Int8)),
        new MatMulNBitsFormat(8, 128, ActivationPrecision.Exact),
        new MatMulNBitsFormat(2, 128, ActivationPrecision.Exact),
        new MatMulBnb4Format(),
    ];

    /// <summary>Its threads spin for about 40 ms.</summary>
    public override TimeSpan SpinTime => TimeSpan.FromMilliseconds(60);
}
