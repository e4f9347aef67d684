using KBitQuant.Threading;

namespace KBitQuant.Tests.Threading;

public class ThreadRangesTests
{
    [Fact]
    public void EveryPartIsTakenOnceAndThreadsThatTakeTurnsGoThroughRanges()
    {
        for (int threads = 1; threads <= 5; threads++)
        {
            for (int count = 0; count <= 23; count++)
            {
                var ranges = new ThreadRanges(count, threads);
                int[] places = [.. Enumerable.Range(0, count).Select(ranges.PlaceOf)];
                Assert.Equal(Enumerable.Range(0, count), places.Order());
                for (int turn = threads; turn < count; turn++)
                    Assert.Equal(places[turn - threads] + 1, places[turn]);
            }
        }
    }
}
