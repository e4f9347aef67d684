using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Products over 32 columns: two steps of the tensor cores. Lane 4g + t has columns 8t to 8t + 7 of A (rows g and g + 8) and of B (column g), two
/// columns to a register: registers 0 and 1 of B are one step's, 2 and 3 the next one's.</summary>
internal static class Fragments<TElement>
    where TElement : struct, ITensorElement
{
    /// <summary>Adds the products of 16 weight rows with 8 input rows.</summary>
    /// <param name="sums">What to add to.</param>
    /// <param name="weight">The weight's values.</param>
    /// <param name="x">Input row g.</param>
    public static Floats4 Add(Floats4 sums, QuarterValues weight, Words4 x)
    {
        TElement element = default;
        sums = element.Multiply(weight.First, x.Low, sums);
        return element.Multiply(weight.Second, x.High, sums);
    }

    /// <summary>Rows of one value.</summary>
    /// <param name="two">The value twice, as elements.</param>
    public static QuarterValues All(uint two)
    {
        var step = new Words4 { X = two, Y = two, Z = two, W = two };
        return new() { First = step, Second = step };
    }

    /// <summary>values * factors + terms, rounded to elements.</summary>
    /// <param name="values">The A operand of a step.</param>
    /// <param name="factors">Those of rows g and g + 8, each twice.</param>
    /// <param name="terms">Likewise.</param>
    public static Words4 Scale(Words4 values, Words2 factors, Words2 terms)
    {
        TElement element = default;
        return new()
        {
            X = element.MultiplyAdd(values.X, factors.X, terms.X),
            Y = element.MultiplyAdd(values.Y, factors.Y, terms.Y),
            Z = element.MultiplyAdd(values.Z, factors.X, terms.X),
            W = element.MultiplyAdd(values.W, factors.Y, terms.Y),
        };
    }

    /// <summary>Numbers of rows g and g + 8, times a scale, rounded, each twice.</summary>
    public static Words2 Twice(Floats2 rows, float scale)
    {
        TElement element = default;
        return new() { X = element.Twice(rows.X * scale), Y = element.Twice(rows.Y * scale) };
    }
}
