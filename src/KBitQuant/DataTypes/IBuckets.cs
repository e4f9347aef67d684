using System.Runtime.Intrinsics;

namespace KBitQuant.DataTypes;

/// <summary>A rule by which values fall into buckets. Every form of it rounds alike.</summary>
internal interface IBuckets
{
    /// <summary>Whether buckets are evenly spaced.</summary>
    bool IsEven { get; }

    /// <summary>The bucket of a value.</summary>
    int IndexOf(float value, BucketKey key);

    /// <summary>The buckets of eight values.</summary>
    Vector256<int> IndexOf(Vector256<float> values, BucketKey key);

    /// <summary>The i-th bucket in the order of the values.</summary>
    int InOrder(int i, BucketKey key);
}
