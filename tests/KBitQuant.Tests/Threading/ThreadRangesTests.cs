using KBitQuant.Threading;

namespace KBitQuant.Tests.Threading;

public class ThreadRangesTests
{
    [Fact]
    public void ThreadsThatTakeTurnsGoThroughRangesOfTheirOwn()
    {
        var ranges = new ThreadRanges();
        for (int threads = 1; threads <= 5; threads++)
        {
            for (int each = 0; each <= 4; each++)
            {
                ranges.Divide(threads * each, threads);
                for (int turn = 0; turn < each; turn++)
                {
                    for (int range = 0; range < threads; range++)
                    {
                        Assert.True(ranges.TryTake(range, out int number));
                        Assert.Equal((range * each) + turn, number);
                    }
                }

                Assert.False(ranges.TryTake(0, out _));
            }
        }
    }

    [Fact]
    public void OneThatIsThroughTakesWhatIsLeftAndOneAloneEverythingInOrder()
    {
        var ranges = new ThreadRanges();
        for (int threads = 1; threads <= 5; threads++)
        {
            for (int count = 0; count <= 23; count++)
            {
                ranges.Divide(count, threads);
                Assert.Equal(Enumerable.Range(0, count), TakeAll(ranges, 0));
                ranges.Divide(count, threads);
                Assert.Equal(Enumerable.Range(0, count), TakeAll(ranges, threads - 1).Order());
                for (int range = 0; range < threads; range++)
                    Assert.False(ranges.TryTake(range, out _));
            }
        }
    }

    [Fact]
    public void SomeAtATimeAreAllOfThemAndFewerTowardsTheEnd()
    {
        var ranges = new ThreadRanges();
        for (int count = 0; count <= 40; count++)
        {
            ranges.Divide(count, 2);
            List<int> taken = [];
            int last = 4;
            while (ranges.TryTake(0, 4, out int first, out int some))
            {
                // A range begins anew with the other thread's.
                Assert.InRange(some, 1, first == count / 2 ? 4 : last);
                taken.AddRange(Enumerable.Range(first, some));
                last = some;
            }

            Assert.Equal(Enumerable.Range(0, count), taken);
            Assert.True(count == 0 || last == 1);
        }
    }

    [Fact]
    public async Task EachIsTakenOnceByThreadsAtTheSameTime()
    {
        const int Numbers = 10_000, Threads = 4;
        var ranges = new ThreadRanges();
        ranges.Divide(Numbers, Threads);
        var times = new int[Numbers];
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            while (ranges.TryTake(thread, 4, out int first, out int some))
            {
                for (int number = first; number < first + some; number++)
                    Interlocked.Increment(ref times[number]);
            }
        })));
        Assert.All(times, number => Assert.Equal(1, number));
    }

    private static List<int> TakeAll(ThreadRanges ranges, int range)
    {
        List<int> taken = [];
        while (ranges.TryTake(range, out int number))
            taken.Add(number);
        return taken;
    }
}
