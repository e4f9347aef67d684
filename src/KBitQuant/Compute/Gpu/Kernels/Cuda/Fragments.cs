using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Products over the 64 columns of a chunk: four steps of the tensor cores. Lane 4g + t has columns 8t to 8t + 7 of each 32
/// of A (rows g and g + 8) and of B (column g), two columns to a register: registers 0 and 1 are one step's, 2 and 3 the next one's.</summary>
internal static class Fragments<TElement>
    where TElement : struct, ITensorElement
{
    /// <summary>16 weight rows times 8 input rows.</summary>
    /// <param name="low">The values of row g.</param>
    /// <param name="high">The values of row g + 8.</param>
    /// <param name="x0">Input row g, the first 32 columns.</param>
    /// <param name="x1">Input row g, the other 32.</param>
    public static Floats4 Multiply(RowChunk low, RowChunk high, Words4 x0, Words4 x1) =>
        Add(Add(default, low.First, high.First, x0), low.Second, high.Second, x1);

    /// <summary>As <see cref="Multiply"/>, over 32 columns, added to sums.</summary>
    public static Floats4 Add(Floats4 sums, Words4 low, Words4 high, Words4 x)
    {
        TElement element = default;
        sums = element.Multiply(Join(low.Low, high.Low), x.Low, sums);
        return element.Multiply(Join(low.High, high.High), x.High, sums);
    }

    /// <summary>A row of ones, in the scale of the table.</summary>
    public static RowChunk Ones
    {
        get
        {
            uint one = default(TElement).ScaleTwice;
            var ones = new Words4 { X = one, Y = one, Z = one, W = one };
            return new() { First = ones, Second = ones };
        }
    }

    /// <summary>values * factor + term, rounded to elements.</summary>
    public static Words4 Scale(Words4 values, uint factor, uint term)
    {
        TElement element = default;
        return new()
        {
            X = element.MultiplyAdd(values.X, factor, term),
            Y = element.MultiplyAdd(values.Y, factor, term),
            Z = element.MultiplyAdd(values.Z, factor, term),
            W = element.MultiplyAdd(values.W, factor, term),
        };
    }

    /// <summary>The A operand: row g's values for two runs of columns, and those of row g + 8.</summary>
    public static Words4 Join(Words2 low, Words2 high) => new() { X = low.X, Y = high.X, Z = low.Y, W = high.Y };
}
