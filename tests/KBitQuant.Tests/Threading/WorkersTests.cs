using KBitQuant.Threading;

namespace KBitQuant.Tests.Threading;

public class WorkersTests
{
    [Fact]
    public void EveryPartRunsOnceWhateverTheNumberOfThreadsAndParts()
    {
        for (int threads = 1; threads <= 5; threads++)
        {
            using var workers = new Workers(threads);
            for (int run = 0; run < 2000; run++)
            {
                var job = new CountingJob(run % 37);
                workers.Run(job, job.Counts.Length);
                Assert.All(job.Counts, count => Assert.Equal(1, count));
            }
        }
    }

    [Fact]
    public async Task SeveralCallersAtOnceAllFinish()
    {
        using var workers = new Workers(3);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int run = 0; run < 2000; run++)
            {
                var job = new CountingJob(run % 23);
                workers.Run(job, job.Counts.Length);
                Assert.All(job.Counts, count => Assert.Equal(1, count));
            }
        })));
    }

    [Fact]
    public void WorkersWakeAfterParking()
    {
        using var workers = new Workers(4);
        for (int run = 0; run < 5; run++)
        {
            Thread.Sleep(20);
            var job = new CountingJob(50);
            workers.Run(job, job.Counts.Length);
            Assert.All(job.Counts, count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void JobsWithinJobsRunOnTheirCallerAndNoneAfterDisposal()
    {
        var workers = new Workers(2);
        var outer = new NestingJob(workers);
        workers.Run(outer, 8);
        Assert.Equal(8 * 5, outer.InnerParts);
        workers.Dispose();
        workers.Dispose();
        var job = new CountingJob(9);
        Assert.Contains(workers.Name, Assert.Throws<ObjectDisposedException>(() => workers.Run(job, 9)).Message, StringComparison.Ordinal);
        Assert.All(job.Counts, count => Assert.Equal(0, count));
    }

    [Fact]
    public void APartThatThrowsDoesSoToTheCallerWhenTheOthersAreDone()
    {
        using var workers = new Workers(4);
        for (int run = 0; run < 200; run++)
        {
            var job = new FailingJob(run % 30);
            Assert.Equal($"part {run % 30}", Assert.Throws<InvalidOperationException>(() => workers.Run(job, 30)).Message);
            Assert.Equal(29, job.Done);
            var next = new CountingJob(30);
            workers.Run(next, 30);
            Assert.All(next.Counts, count => Assert.Equal(1, count));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(Workers.MaxThreadCount + 1)]
    [InlineData(int.MaxValue)]
    public void AnImpossibleNumberOfThreadsIsNamedWithWhatIsAllowed(int threads)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new Workers(threads));
        Assert.Contains($"{threads} were given", error.Message, StringComparison.Ordinal);
        Assert.Contains($"1 to {Workers.MaxThreadCount}", error.Message, StringComparison.Ordinal);
    }

    private sealed class CountingJob(int parts) : ParallelJob
    {
        public int[] Counts { get; } = new int[parts];

        public override void RunPart(int part) => Interlocked.Increment(ref Counts[part]);
    }

    private sealed class FailingJob(int failing) : ParallelJob
    {
        private int _done;

        public int Done => _done;

        public override void RunPart(int part)
        {
            if (part == failing)
                throw new InvalidOperationException($"part {part}");
            Interlocked.Increment(ref _done);
        }
    }

    private sealed class NestingJob(Workers workers) : ParallelJob
    {
        private int _innerParts;

        public int InnerParts => _innerParts;

        public override void RunPart(int part)
        {
            var inner = new CountingJob(5);
            workers.Run(inner, 5);
            Interlocked.Add(ref _innerParts, inner.Counts.Sum());
        }
    }
}
