using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>The sums of weighted values of 64 elements of a head, for eight query rows. With g = lane / 4 and t = lane % 4, lane (g, t) has elements 8g + 2i and
/// 8g + 2i + 1 in part i: X and Z for row 2t, Y and W for row 2t + 1.</summary>
internal struct AttentionSums
{
    /// <summary>Bytes of a row's 128 sums in shared memory, and of what keeps the lanes of a store in banks of their own.</summary>
    public const uint RowBytes = (AttentionStepKernel.HeadSize * sizeof(float)) + 16;

    /// <summary>From elements 0 to 63 of a row to the others.</summary>
    public const uint HalfBytes = AttentionStepKernel.HeadSize / 2 * sizeof(float);

    public Floats4 Part0;
    public Floats4 Part1;
    public Floats4 Part2;
    public Floats4 Part3;

    /// <summary>The element that chunk <paramref name="chunk"/> of four sums in shared memory begins with: halves of the head, then halves of a lane's elements,
    /// then lanes.</summary>
    public static int ElementOf(int chunk) => ((chunk >> 4) * 64) + ((chunk & 7) * 8) + ((chunk >> 3 & 1) * 4);

    /// <summary>Times a factor for each row.</summary>
    public readonly AttentionSums Times(Floats2 scales) =>
        new() { Part0 = Times(Part0, scales), Part1 = Times(Part1, scales), Part2 = Times(Part2, scales), Part3 = Times(Part3, scales) };

    /// <summary>Adds products with 16 positions, of which the lane has four.</summary>
    public readonly AttentionSums PlusProducts(AttentionWords values, Words2 weights) => new()
    {
        Part0 = PtxTensorCore.MultiplyHalf(AttentionOperand.Of(values.First.X, values.Second.X, values.Third.X, values.Fourth.X), weights, Part0),
        Part1 = PtxTensorCore.MultiplyHalf(AttentionOperand.Of(values.First.Y, values.Second.Y, values.Third.Y, values.Fourth.Y), weights, Part1),
        Part2 = PtxTensorCore.MultiplyHalf(AttentionOperand.Of(values.First.Z, values.Second.Z, values.Third.Z, values.Fourth.Z), weights, Part2),
        Part3 = PtxTensorCore.MultiplyHalf(AttentionOperand.Of(values.First.W, values.Second.W, values.Third.W, values.Fourth.W), weights, Part3),
    };

    /// <summary>Adds the lane's eight elements of one value, weighted for each row.</summary>
    public readonly AttentionSums PlusProduct(Words4 value, Floats2 weights) => new()
    {
        Part0 = PlusProduct(Part0, value.X, weights),
        Part1 = PlusProduct(Part1, value.Y, weights),
        Part2 = PlusProduct(Part2, value.Z, weights),
        Part3 = PlusProduct(Part3, value.W, weights),
    };

    /// <summary>Stores them, four of a row at a time.</summary>
    /// <param name="sums">Where row 0 begins.</param>
    /// <param name="lane">The lane.</param>
    public readonly void Store(uint sums, int lane)
    {
        uint at = sums + ((uint)(lane & 3) * 2 * RowBytes) + (uint)(lane >> 2 << 4);
        PtxMemory.StoreSharedFloats4(at, new() { X = Part0.X, Y = Part0.Z, Z = Part1.X, W = Part1.Z });
        PtxMemory.StoreSharedFloats4(at + (HalfBytes / 2), new() { X = Part2.X, Y = Part2.Z, Z = Part3.X, W = Part3.Z });
        PtxMemory.StoreSharedFloats4(at + RowBytes, new() { X = Part0.Y, Y = Part0.W, Z = Part1.Y, W = Part1.W });
        PtxMemory.StoreSharedFloats4(at + RowBytes + (HalfBytes / 2), new() { X = Part2.Y, Y = Part2.W, Z = Part3.Y, W = Part3.W });
    }

    private static Floats4 Times(Floats4 part, Floats2 scales) =>
        new() { X = part.X * scales.X, Y = part.Y * scales.Y, Z = part.Z * scales.X, W = part.W * scales.Y };

    private static Floats4 PlusProduct(Floats4 part, uint pair, Floats2 weights)
    {
        Floats2 values = PtxBits.WidenHalves(pair);
        return new()
        {
            X = part.X + (values.X * weights.X),
            Y = part.Y + (values.X * weights.Y),
            Z = part.Z + (values.Y * weights.X),
            W = part.W + (values.Y * weights.Y),
        };
    }
}
