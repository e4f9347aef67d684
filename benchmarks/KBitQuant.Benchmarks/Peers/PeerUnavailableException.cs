namespace KBitQuant.Benchmarks.Peers;

/// <summary>A library, or one of its formats, cannot take part here; the message says why.</summary>
internal sealed class PeerUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
