namespace KBitQuant.Benchmarks;

/// <summary>One alternative of a comparison.</summary>
/// <param name="Run">What is timed.</param>
/// <param name="Rest">How long to sleep afterwards: some libraries' threads spin for a while, on processors that the next one needs.</param>
internal sealed record TimedPass(Action Run, TimeSpan Rest = default);
