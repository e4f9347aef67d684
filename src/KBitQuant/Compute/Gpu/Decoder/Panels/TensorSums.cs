using ILGPU;
using KBitQuant.Compute.Gpu.Decoder.Attention;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Panels;

/// <summary>A lane's part of sums of 16 query rows by 64 columns, or of what becomes of them. Columns 8j to 8j + 7 are as in
/// <see cref="Floats4"/>: with g = lane / 4 and t = lane % 4, columns 8j + 2t and 8j + 2t + 1 of row g, the upper one, then of row g + 8,
/// the lower one.</summary>
internal struct TensorSums
{
    public Floats4 Sums0;
    public Floats4 Sums1;
    public Floats4 Sums2;
    public Floats4 Sums3;
    public Floats4 Sums4;
    public Floats4 Sums5;
    public Floats4 Sums6;
    public Floats4 Sums7;

    /// <summary>The operand A of the product by columns 0 to 15.</summary>
    public readonly Words4 Operand0 => Round(Sums0, Sums1);

    /// <summary>The operand A of the product by columns 16 to 31.</summary>
    public readonly Words4 Operand1 => Round(Sums2, Sums3);

    /// <summary>The operand A of the product by columns 32 to 47.</summary>
    public readonly Words4 Operand2 => Round(Sums4, Sums5);

    /// <summary>The operand A of the product by columns 48 to 63.</summary>
    public readonly Words4 Operand3 => Round(Sums6, Sums7);

    /// <summary>These + a * b.</summary>
    /// <param name="a">16 rows by 16.</param>
    /// <param name="b">16 by 64 columns.</param>
    public readonly TensorSums PlusProduct<TElement>(Words4 a, TensorColumns b)
        where TElement : struct, ITensorElement
    {
        TElement element = default;
        return new()
        {
            Sums0 = element.Multiply(a, b.Columns0, Sums0),
            Sums1 = element.Multiply(a, b.Columns8, Sums1),
            Sums2 = element.Multiply(a, b.Columns16, Sums2),
            Sums3 = element.Multiply(a, b.Columns24, Sums3),
            Sums4 = element.Multiply(a, b.Columns32, Sums4),
            Sums5 = element.Multiply(a, b.Columns40, Sums5),
            Sums6 = element.Multiply(a, b.Columns48, Sums6),
            Sums7 = element.Multiply(a, b.Columns56, Sums7),
        };
    }

    /// <summary>With <see cref="AttentionResult.Masked"/> in the last columns of each row.</summary>
    /// <param name="upper">How many columns of the upper row stay, counted from the lane's first one.</param>
    /// <param name="lower">The same of the lower row.</param>
    public readonly TensorSums Masked(int upper, int lower) => new()
    {
        Sums0 = Masked(Sums0, upper, lower),
        Sums1 = Masked(Sums1, upper - 8, lower - 8),
        Sums2 = Masked(Sums2, upper - 16, lower - 16),
        Sums3 = Masked(Sums3, upper - 24, lower - 24),
        Sums4 = Masked(Sums4, upper - 32, lower - 32),
        Sums5 = Masked(Sums5, upper - 40, lower - 40),
        Sums6 = Masked(Sums6, upper - 48, lower - 48),
        Sums7 = Masked(Sums7, upper - 56, lower - 56),
    };

    /// <summary>With what is added to each column.</summary>
    /// <param name="columns">The address of the float for the lane's first column.</param>
    /// <param name="count">How many columns, a multiple of 8, there are.</param>
    public readonly TensorSums PlusColumns(long columns, int count) => new()
    {
        Sums0 = PlusColumns(Sums0, columns, count > 0),
        Sums1 = PlusColumns(Sums1, columns + 32, count > 8),
        Sums2 = PlusColumns(Sums2, columns + 64, count > 16),
        Sums3 = PlusColumns(Sums3, columns + 96, count > 24),
        Sums4 = PlusColumns(Sums4, columns + 128, count > 32),
        Sums5 = PlusColumns(Sums5, columns + 160, count > 40),
        Sums6 = PlusColumns(Sums6, columns + 192, count > 48),
        Sums7 = PlusColumns(Sums7, columns + 224, count > 56),
    };

    /// <summary>Each row times its own factor.</summary>
    public readonly TensorSums Times(Floats2 rows) => new()
    {
        Sums0 = Times(Sums0, rows),
        Sums1 = Times(Sums1, rows),
        Sums2 = Times(Sums2, rows),
        Sums3 = Times(Sums3, rows),
        Sums4 = Times(Sums4, rows),
        Sums5 = Times(Sums5, rows),
        Sums6 = Times(Sums6, rows),
        Sums7 = Times(Sums7, rows),
    };

    /// <summary>2^(sum * <paramref name="factor"/> - what each row has).</summary>
    public readonly TensorSums Exp(float factor, Floats2 rows) => new()
    {
        Sums0 = Exp(Sums0, factor, rows),
        Sums1 = Exp(Sums1, factor, rows),
        Sums2 = Exp(Sums2, factor, rows),
        Sums3 = Exp(Sums3, factor, rows),
        Sums4 = Exp(Sums4, factor, rows),
        Sums5 = Exp(Sums5, factor, rows),
        Sums6 = Exp(Sums6, factor, rows),
        Sums7 = Exp(Sums7, factor, rows),
    };

    /// <summary>The largest of each row, of the lane's columns.</summary>
    public readonly Floats2 Largest() => Larger(
        Larger(Larger(Largest(Sums0), Largest(Sums1)), Larger(Largest(Sums2), Largest(Sums3))),
        Larger(Larger(Largest(Sums4), Largest(Sums5)), Larger(Largest(Sums6), Largest(Sums7))));

    /// <summary>The sum of each row, of the lane's columns.</summary>
    public readonly Floats2 Total() => Sum(
        Sum(Sum(Total(Sums0), Total(Sums1)), Sum(Total(Sums2), Total(Sums3))),
        Sum(Sum(Total(Sums4), Total(Sums5)), Sum(Total(Sums6), Total(Sums7))));

    /// <summary>Stores them as halves.</summary>
    /// <param name="upper">The address of the lane's first column in the upper row.</param>
    /// <param name="upperColumns">How many columns, a multiple of 8, the upper row has; 0 or less where it does not exist.</param>
    /// <param name="lower">As <paramref name="upper"/>, in the lower row.</param>
    /// <param name="lowerColumns">Columns of the lower row.</param>
    public readonly void Store(long upper, int upperColumns, long lower, int lowerColumns)
    {
        Store(Sums0, Sums1, upper, upperColumns, lower, lowerColumns);
        Store(Sums2, Sums3, upper + 32, upperColumns - 16, lower + 32, lowerColumns - 16);
        Store(Sums4, Sums5, upper + 64, upperColumns - 32, lower + 64, lowerColumns - 32);
        Store(Sums6, Sums7, upper + 96, upperColumns - 48, lower + 96, lowerColumns - 48);
    }

    /// <summary>As <see cref="Store(long, int, long, int)"/>, as floats.</summary>
    public readonly void StoreSingles(long upper, int upperColumns, long lower, int lowerColumns)
    {
        StoreSingles(Sums0, upper, upperColumns > 0, lower, lowerColumns > 0);
        StoreSingles(Sums1, upper + 32, upperColumns > 8, lower + 32, lowerColumns > 8);
        StoreSingles(Sums2, upper + 64, upperColumns > 16, lower + 64, lowerColumns > 16);
        StoreSingles(Sums3, upper + 96, upperColumns > 24, lower + 96, lowerColumns > 24);
        StoreSingles(Sums4, upper + 128, upperColumns > 32, lower + 128, lowerColumns > 32);
        StoreSingles(Sums5, upper + 160, upperColumns > 40, lower + 160, lowerColumns > 40);
        StoreSingles(Sums6, upper + 192, upperColumns > 48, lower + 192, lowerColumns > 48);
        StoreSingles(Sums7, upper + 224, upperColumns > 56, lower + 224, lowerColumns > 56);
    }

    private static void StoreSingles(Floats4 sums, long upper, bool isUpper, long lower, bool isLower)
    {
        if (isUpper)
            PtxMemory.Store2(upper, Interop.FloatAsInt(sums.X), Interop.FloatAsInt(sums.Y));
        if (isLower)
            PtxMemory.Store2(lower, Interop.FloatAsInt(sums.Z), Interop.FloatAsInt(sums.W));
    }

    private static void Store(Floats4 first, Floats4 second, long upper, int upperColumns, long lower, int lowerColumns)
    {
        Words4 halves = Round(first, second);
        if (upperColumns > 0)
            PtxMemory.Store(upper, halves.X);
        if (upperColumns > 8)
            PtxMemory.Store(upper + 16, halves.Z);
        if (lowerColumns > 0)
            PtxMemory.Store(lower, halves.Y);
        if (lowerColumns > 8)
            PtxMemory.Store(lower + 16, halves.W);
    }

    private static Words4 Round(Floats4 first, Floats4 second) => new()
    {
        X = PtxBits.RoundToHalves(first.X, first.Y),
        Y = PtxBits.RoundToHalves(first.Z, first.W),
        Z = PtxBits.RoundToHalves(second.X, second.Y),
        W = PtxBits.RoundToHalves(second.Z, second.W),
    };

    private static Floats4 Masked(Floats4 sums, int upper, int lower) => new()
    {
        X = upper > 0 ? sums.X : AttentionResult.Masked,
        Y = upper > 1 ? sums.Y : AttentionResult.Masked,
        Z = lower > 0 ? sums.Z : AttentionResult.Masked,
        W = lower > 1 ? sums.W : AttentionResult.Masked,
    };

    private static Floats4 PlusColumns(Floats4 sums, long columns, bool exists)
    {
        if (!exists)
            return sums;
        float first = PtxMemory.LoadConstantFloat(columns);
        float second = PtxMemory.LoadConstantFloat(columns + sizeof(float));
        return new() { X = sums.X + first, Y = sums.Y + second, Z = sums.Z + first, W = sums.W + second };
    }

    private static Floats4 Times(Floats4 sums, Floats2 rows) => new() { X = sums.X * rows.X, Y = sums.Y * rows.X, Z = sums.Z * rows.Y, W = sums.W * rows.Y };

    private static Floats4 Exp(Floats4 sums, float factor, Floats2 rows) => new()
    {
        X = PtxBits.ExpOf2(PtxFloats.MultiplyAdd(sums.X, factor, -rows.X)),
        Y = PtxBits.ExpOf2(PtxFloats.MultiplyAdd(sums.Y, factor, -rows.X)),
        Z = PtxBits.ExpOf2(PtxFloats.MultiplyAdd(sums.Z, factor, -rows.Y)),
        W = PtxBits.ExpOf2(PtxFloats.MultiplyAdd(sums.W, factor, -rows.Y)),
    };

    private static Floats2 Largest(Floats4 sums) => new() { X = IntrinsicMath.Max(sums.X, sums.Y), Y = IntrinsicMath.Max(sums.Z, sums.W) };

    private static Floats2 Larger(Floats2 a, Floats2 b) => new() { X = IntrinsicMath.Max(a.X, b.X), Y = IntrinsicMath.Max(a.Y, b.Y) };

    private static Floats2 Total(Floats4 sums) => new() { X = sums.X + sums.Y, Y = sums.Z + sums.W };

    private static Floats2 Sum(Floats2 a, Floats2 b) => new() { X = a.X + b.X, Y = a.Y + b.Y };
}
