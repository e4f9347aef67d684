using KBitQuant.Compute.Benchmarking;

namespace KBitQuant.Tests.Compute.Benchmarking;

public class InterleavedTests
{
    [Fact]
    public void AlternativesTakeTurnsAndTheFirstRoundDoesNotCount()
    {
        const int Rounds = 4;
        List<string> order = [];
        double[] times = [0.25, 3, 1, 2, 4];
        int run = 0;
        TimedPass slow = new(() => Note("slow", times[run++])), fast = new(() => Note("fast", 0.5));

        Timing[] timings = Interleaved.Measure([slow, fast], Rounds);

        Assert.Equal(Enumerable.Repeat<string[]>(["slow", "fast"], Rounds + 1).SelectMany(turn => turn), order);
        Assert.Equal([new(3, 1), new(0.5, 0.5)], timings);

        double Note(string name, double seconds)
        {
            order.Add(name);
            return seconds;
        }
    }

    [Fact]
    public void ItStopsBetweenPasses()
    {
        using CancellationTokenSource cancellation = new();
        int runs = 0;
        TimedPass pass = new(() => ++runs);
        TimedPass cancelling = new(() =>
        {
            cancellation.Cancel();
            return 1;
        });
        Assert.Throws<OperationCanceledException>(() => Interleaved.Measure([cancelling, pass], 3, cancellation.Token));
        Assert.Equal(0, runs);
    }
}
