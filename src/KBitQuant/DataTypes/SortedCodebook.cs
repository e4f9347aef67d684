namespace KBitQuant.DataTypes;

/// <summary>
/// A codebook in order of value and the thresholds between neighbours: the rank of x is the number of thresholds below x, and
/// the code is that rank's code. Both tables are padded so that a branch-free binary search over 2^k ranks needs no bounds check.
/// </summary>
internal sealed class SortedCodebook
{
    /// <summary>Largest table: 2^8 ranks.</summary>
    private const int MaxRanks = 256;

    private readonly Lazy<BucketTable?> _buckets;

    public SortedCodebook(ReadOnlySpan<float> codebook)
    {
        (float Value, int Code)[] entries = Distinct(codebook);
        Count = entries.Length;
        LevelCount = int.Log2(Count - 1) + 1;
        Thresholds = new float[MaxRanks];
        Array.Fill(Thresholds, float.PositiveInfinity);
        RankToCode = new int[MaxRanks];
        for (int rank = 0; rank < Count; rank++)
        {
            RankToCode[rank] = entries[rank].Code;
            if (rank + 1 < Count)
                Thresholds[rank] = Threshold(entries[rank].Value, entries[rank + 1].Value);
        }

        Tree = new float[MaxRanks];
        for (int level = 0; level < LevelCount; level++)
        {
            // The nodes of a level split the ranks into equal parts; a node's threshold lies in the middle of its part.
            int part = 1 << (LevelCount - level);
            for (int node = 0; node < 1 << level; node++)
                Tree[(1 << level) + node] = Thresholds[(node * part) + (part / 2) - 1];
        }

        Array.Fill(RankToCode, entries[^1].Code, Count, MaxRanks - Count);
        RankToCodeBytes = [.. RankToCode.Select(code => (byte)code)];
        IsIdentity = entries.Select((entry, rank) => entry.Code == rank).All(same => same);
        Even = EvenRanks.Of(this, entries[0].Value, entries[^1].Value);
        _buckets = new(() => BucketTable.Find(this));
    }

    /// <summary>How many different values there are, -0 and +0 counted apart.</summary>
    public int Count { get; }

    /// <summary>How many halvings a binary search takes: the smallest L with 2^L at least <see cref="Count"/>.</summary>
    public int LevelCount { get; }

    /// <summary>Entry r lies between rank r and rank r + 1; the rest is +infinity, to 256 entries.</summary>
    public float[] Thresholds { get; }

    /// <summary>The thresholds as a binary search tree in order of levels: the root is node 1, the children of node n are 2n and
    /// 2n + 1. After <see cref="LevelCount"/> steps the node is the rank plus 2^LevelCount.</summary>
    public float[] Tree { get; }

    /// <summary>Rank to code; 256 entries, the last one repeated.</summary>
    public int[] RankToCode { get; }

    /// <summary>The same in bytes.</summary>
    public byte[] RankToCodeBytes { get; }

    /// <summary>Whether the codes are in order of value already.</summary>
    public bool IsIdentity { get; }

    /// <summary>How ranks are computed, or null where the thresholds do not lie evenly.</summary>
    public EvenRanks? Even { get; }

    /// <summary>The thresholds in buckets, or null where they lie too close.</summary>
    public BucketTable? Buckets => _buckets.Value;

    /// <summary>The code of the entry nearest to <paramref name="value"/>; of two equally near the smaller value. The one place
    /// where the rule is written plainly; vector code must agree with it bit for bit.</summary>
    public int Nearest(float value)
    {
        int rank = 0;
        for (int step = 1 << LevelCount >> 1; step > 0; step >>= 1)
        {
            if (value > Thresholds[rank + step - 1])
                rank += step;
        }

        return RankToCode[rank];
    }

    /// <summary>
    /// The largest float not above the midpoint: for a float x, x above it is then the same as x above the exact midpoint.
    /// Between -0 and +0 the threshold is the largest negative float, so that exactly the negative inputs take -0.
    /// </summary>
    private static float Threshold(float lower, float upper)
    {
        double midpoint = ((double)lower + upper) / 2;
        if (lower == upper)
            return MathF.BitDecrement(0f);
        float rounded = (float)midpoint;
        return rounded > midpoint ? MathF.BitDecrement(rounded) : rounded;
    }

    private static (float Value, int Code)[] Distinct(ReadOnlySpan<float> codebook)
    {
        var entries = new List<(float Value, int Code)>();
        for (int code = 0; code < codebook.Length; code++)
        {
            float value = codebook[code];
            if (float.IsFinite(value) && !entries.Exists(entry => BitConverter.SingleToInt32Bits(entry.Value) == BitConverter.SingleToInt32Bits(value)))
                entries.Add((value, code));
        }

        // float.CompareTo calls -0 and +0 equal; the sign decides.
        entries.Sort((a, b) => a.Value != b.Value ? a.Value.CompareTo(b.Value) : float.IsNegative(b.Value).CompareTo(float.IsNegative(a.Value)));
        return [.. entries];
    }
}
