namespace KBitQuant.DataTypes;

/// <summary>
/// The thresholds of a codebook, divided into buckets of values with at most one threshold each: the bucket of a value, one look-up
/// and one comparison give its code. Tables whose entries lie well apart have evenly spaced buckets; those that crowd around zero
/// have buckets by exponent.
/// </summary>
internal sealed class BucketTable
{
    /// <summary>Bytes of a bucket.</summary>
    public const int BucketBytes = 8;

    /// <summary>The largest table: 32 KB, what fits a first-level cache.</summary>
    public const int MaxBuckets = (32 << 10) / BucketBytes;

    /// <summary>A table of so few, evenly spaced, is small enough.</summary>
    private const int FewBuckets = 256;

    private BucketTable(bool isEven, BucketKey key, Bucket[] buckets) => (IsEven, Key, Buckets) = (isEven, key, buckets);

    /// <summary>Whether buckets are evenly spaced (<see cref="EvenBuckets"/>), rather than by exponent (<see cref="ExponentBuckets"/>).</summary>
    public bool IsEven { get; }

    /// <summary>How buckets are found.</summary>
    public BucketKey Key { get; }

    /// <summary>The buckets; the collector does not move them.</summary>
    public Bucket[] Buckets { get; }

    /// <summary>The smallest table, or null where thresholds lie too close.</summary>
    public static BucketTable? Find(SortedCodebook codebook)
    {
        BucketTable? best = null;
        for (int count = 16; count <= MaxBuckets && best is null; count *= 2)
            best = Divide<EvenBuckets>(codebook, new BucketKey { Number = count - 1 }, count);
        // Evenly spaced ones are found faster; others would have to be much smaller.
        if (best is { Buckets.Length: <= FewBuckets })
            return best;
        for (int exponent = 2; exponent <= 32; exponent++)
        {
            for (int mantissaBits = 0; mantissaBits <= 8; mantissaBits++)
            {
                // From 2^-exponent, the key of zero, to 1.
                int perSign = (exponent << mantissaBits) + 1;
                if (2 * perSign > MaxBuckets || (best is not null && 2 * perSign >= best.Buckets.Length / 2))
                    break;
                var key = new BucketKey { Number = MathF.ScaleB(1, -exponent), Shift = 23 - mantissaBits, FirstNegative = perSign };
                best = Divide<ExponentBuckets>(codebook, key, 2 * perSign) ?? best;
            }
        }

        return best;
    }

    private static BucketTable? Divide<TBuckets>(SortedCodebook codebook, BucketKey key, int count)
        where TBuckets : struct, IBuckets
    {
        TBuckets rule = default;
        var thresholds = new float[count];
        Array.Fill(thresholds, float.PositiveInfinity);
        foreach (float threshold in codebook.Thresholds.AsSpan(0, codebook.Count - 1))
        {
            ref float place = ref thresholds[rule.IndexOf(threshold, key)];
            if (!float.IsPositiveInfinity(place))
                return null;
            place = threshold;
        }

        Bucket[] buckets = GC.AllocateArray<Bucket>(count, pinned: true);
        int rank = 0;
        for (int i = 0; i < count; i++)
        {
            int bucket = rule.InOrder(i, key);
            uint low = (uint)codebook.RankToCode[rank];
            if (!float.IsPositiveInfinity(thresholds[bucket]))
                rank++;
            buckets[bucket] = new() { Threshold = thresholds[bucket], Codes = low | ((uint)codebook.RankToCode[rank] << 8) };
        }

        return new(rule.IsEven, key, buckets);
    }
}
