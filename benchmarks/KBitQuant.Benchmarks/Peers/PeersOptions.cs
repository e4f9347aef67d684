namespace KBitQuant.Benchmarks.Peers;

/// <summary>What to compare.</summary>
/// <param name="Threads">Threads of each library.</param>
/// <param name="Shapes">Shapes of weights.</param>
/// <param name="BatchSizes">Input rows.</param>
/// <param name="Rounds">How often each takes its turn.</param>
internal sealed record PeersOptions(int Threads, IReadOnlyList<(int N, int K)> Shapes, IReadOnlyList<int> BatchSizes, int Rounds);
