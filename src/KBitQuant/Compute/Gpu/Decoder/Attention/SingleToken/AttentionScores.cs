using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>Scores of a warp's 32 positions and eight query rows, or their weights: with g = lane / 4 and t = lane % 4, lane (g, t) has those of position 4g + 2j (X and Y) and
/// 4g + 2j + 1 (Z and W) in part j, of rows 2t (X and Z) and 2t + 1 (Y and W).</summary>
internal struct AttentionScores
{
    public Floats4 Part0;
    public Floats4 Part1;

    /// <summary>Operand B of the product with the values of positions 8t, 8t + 4, 8t + 1 and 8t + 5: rounded to halves, a lane has row g.</summary>
    public readonly Words2 FirstOperand => Transpose(Part0);

    /// <summary>Operand B of the product with positions 8t + 2, 8t + 6, 8t + 3 and 8t + 7.</summary>
    public readonly Words2 SecondOperand => Transpose(Part1);

    /// <summary>The largest of the warp, for each of the lane's rows.</summary>
    public readonly Floats2 Largest => new()
    {
        X = LargestOfRow(IntrinsicMath.Max(IntrinsicMath.Max(Part0.X, Part0.Z), IntrinsicMath.Max(Part1.X, Part1.Z))),
        Y = LargestOfRow(IntrinsicMath.Max(IntrinsicMath.Max(Part0.Y, Part0.W), IntrinsicMath.Max(Part1.Y, Part1.W))),
    };

    /// <summary>The sums of the lane's own.</summary>
    public readonly Floats2 Totals => new() { X = Part0.X + Part0.Z + (Part1.X + Part1.Z), Y = Part0.Y + Part0.W + (Part1.Y + Part1.W) };

    /// <summary>Products of keys and queries.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="queries">Where the lane reads its queries in shared memory.</param>
    public static AttentionScores Of(AttentionTile keys, uint queries) => default(AttentionScores)
        .PlusProducts(keys.First, queries)
        .PlusProducts(keys.Second, queries + (2 * AttentionToken.StepBytes))
        .PlusProducts(keys.Third, queries + (4 * AttentionToken.StepBytes))
        .PlusProducts(keys.Fourth, queries + (6 * AttentionToken.StepBytes));

    /// <summary>The scores of one key and the lane's rows of the queries.</summary>
    /// <param name="key">Where the lane reads the key in shared memory.</param>
    /// <param name="queries">Where it reads its queries.</param>
    /// <param name="factor">What products are multiplied with.</param>
    public static Floats2 OfKey(uint key, uint queries, float factor)
    {
        Floats4 sums = PlusKeyOf64(default, key, queries);
        sums = PlusKeyOf64(sums, key + (4 * AttentionToken.StepBytes), queries + (4 * AttentionToken.StepBytes));
        return new() { X = sums.X * factor, Y = sums.Y * factor };
    }

    /// <summary>Times a factor; <see cref="AttentionResult.Masked"/> past the warp's first <paramref name="count"/> positions.</summary>
    public readonly AttentionScores Scaled(float factor, int count, int lane)
    {
        int own = count - (lane >> 2 << 2);
        return new() { Part0 = Scaled(Part0, factor, own), Part1 = Scaled(Part1, factor, own - 2) };
    }

    /// <summary>Weights: powers of 2 of the differences to the largest score of each row.</summary>
    public readonly AttentionScores Exp(Floats2 largest) => new() { Part0 = Exp(Part0, largest), Part1 = Exp(Part1, largest) };

    /// <summary>Adds products over 32 elements.</summary>
    private readonly AttentionScores PlusProducts(AttentionWords keys, uint queries) => PlusProduct(keys.First, keys.Second, PtxMemory.LoadShared2(queries))
        .PlusProduct(keys.Third, keys.Fourth, PtxMemory.LoadShared2(queries + AttentionToken.StepBytes));

    /// <summary>Adds products over 16 elements, of which the lane has four: words have two positions of one of them, operands one position of two.</summary>
    private readonly AttentionScores PlusProduct(Words4 first, Words4 second, Words2 queries) => new()
    {
        Part0 = PtxTensorCore.MultiplyHalf(AttentionOperand.Of(first.X, first.Z, second.X, second.Z), queries, Part0),
        Part1 = PtxTensorCore.MultiplyHalf(AttentionOperand.Of(first.Y, first.W, second.Y, second.W), queries, Part1),
    };

    /// <summary>Adds products of one key over 64 elements.</summary>
    private static Floats4 PlusKeyOf64(Floats4 sums, uint key, uint queries)
    {
        const uint Step = AttentionToken.StepBytes;
        sums = PlusKey(PlusKey(sums, key, queries), key + Step, queries + Step);
        return PlusKey(PlusKey(sums, key + (2 * Step), queries + (2 * Step)), key + (3 * Step), queries + (3 * Step));
    }

    private static Floats4 PlusKey(Floats4 sums, uint key, uint queries)
    {
        Words2 own = PtxMemory.LoadShared2(key);
        return PtxTensorCore.MultiplyHalf(new() { X = own.X, Y = own.X, Z = own.Y, W = own.Y }, PtxMemory.LoadShared2(queries), sums);
    }

    private static Floats4 Scaled(Floats4 part, float factor, int count) => new()
    {
        X = count > 0 ? part.X * factor : AttentionResult.Masked,
        Y = count > 0 ? part.Y * factor : AttentionResult.Masked,
        Z = count > 1 ? part.Z * factor : AttentionResult.Masked,
        W = count > 1 ? part.W * factor : AttentionResult.Masked,
    };

    private static Floats4 Exp(Floats4 part, Floats2 largest) => new()
    {
        X = PtxBits.ExpOf2(part.X - largest.X),
        Y = PtxBits.ExpOf2(part.Y - largest.Y),
        Z = PtxBits.ExpOf2(part.Z - largest.X),
        W = PtxBits.ExpOf2(part.W - largest.Y),
    };

    private static float LargestOfRow(float value)
    {
        value = IntrinsicMath.Max(value, PtxBits.ExchangeLanes(value, 4));
        value = IntrinsicMath.Max(value, PtxBits.ExchangeLanes(value, 8));
        return IntrinsicMath.Max(value, PtxBits.ExchangeLanes(value, 16));
    }

    private static Words2 Transpose(Floats4 part) => new()
    {
        X = PtxLanes.Transpose(PtxBits.RoundToHalves(part.X, part.Y)),
        Y = PtxLanes.Transpose(PtxBits.RoundToHalves(part.Z, part.W)),
    };
}
