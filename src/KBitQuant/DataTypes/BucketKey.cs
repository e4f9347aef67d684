namespace KBitQuant.DataTypes;

/// <summary>How a value's bucket is found. Any function will do that does not decrease: then all values of a bucket agree on the
/// thresholds of the others.</summary>
internal struct BucketKey
{
    /// <summary>Evenly spaced buckets: one less than how many there are. Buckets by exponent: what is added to a magnitude.</summary>
    public float Number;

    /// <summary>Buckets by exponent: bits of a float that are dropped.</summary>
    public int Shift;

    /// <summary>Buckets by exponent: the place of the first bucket of the negative values.</summary>
    public int FirstNegative;
}
