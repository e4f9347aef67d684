using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>Larger tables: the bucket of a value, one look-up and one comparison give its code (<see cref="BucketTable"/>).</summary>
internal readonly unsafe struct BucketEncoder<TBuckets>(BucketTable table) : IStepEncoder
    where TBuckets : struct, IBuckets
{
    private readonly BucketKey _key = table.Key;
    private readonly Bucket* _buckets = (Bucket*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(table.Buckets));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<byte> Encode(Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3) =>
        StepEncoding.ToBytes(Encode(x0), Encode(x1), Encode(x2), Encode(x3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<int> Encode(Vector256<float> x)
    {
        Vector256<int> index = default(TBuckets).IndexOf(x, _key);
        (Vector256<float> thresholds, Vector256<uint> codes) = Avx2.IsSupported ? Gather(index) : LookUp(index);
        // The second byte of the codes is for values above the threshold.
        Vector256<uint> above = Vector256.GreaterThan(x, thresholds).AsUInt32();
        return (Vector256.ConditionalSelect(above, codes >>> 8, codes) & Vector256.Create(0xFFu)).AsInt32();
    }

    /// <summary>Qwords, a bucket each: of values 0, 1, 4, 5 and of values 2, 3, 6, 7. Their lower and their upper halves are in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector256<float> Thresholds, Vector256<uint> Codes) Gather(Vector256<int> index)
    {
        index = Avx2.Permute4x64(index.AsInt64(), 0b11_01_10_00).AsInt32();
        Vector256<float> buckets0145 = Avx2.GatherVector256((long*)_buckets, index.GetLower(), BucketTable.BucketBytes).AsSingle();
        Vector256<float> buckets2367 = Avx2.GatherVector256((long*)_buckets, index.GetUpper(), BucketTable.BucketBytes).AsSingle();
        return (Avx.Shuffle(buckets0145, buckets2367, 0b10_00_10_00), Avx.Shuffle(buckets0145, buckets2367, 0b11_01_11_01).AsUInt32());
    }

    private (Vector256<float> Thresholds, Vector256<uint> Codes) LookUp(Vector256<int> index)
    {
        float* thresholds = stackalloc float[Vector256<float>.Count];
        uint* codes = stackalloc uint[Vector256<float>.Count];
        for (int lane = 0; lane < Vector256<float>.Count; lane++)
        {
            Bucket bucket = _buckets[index[lane]];
            thresholds[lane] = bucket.Threshold;
            codes[lane] = bucket.Codes;
        }

        return (Vector256.Load(thresholds), Vector256.Load(codes));
    }
}
