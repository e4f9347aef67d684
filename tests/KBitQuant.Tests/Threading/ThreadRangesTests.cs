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

    private static List<int> TakeAll(ThreadRanges ranges, int range)
    {
        List<int> taken = [];
        while (ranges.TryTake(range, out int number))
            taken.Add(number);
        return taken;
    }
}
