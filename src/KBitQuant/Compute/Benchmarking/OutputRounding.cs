using KBitQuant.Numerics;

namespace KBitQuant.Compute.Benchmarking;

/// <summary>What rounding a float to an output may change: half a unit in the last place.</summary>
/// <param name="Relative">Of the magnitude.</param>
/// <param name="Absolute">Half the smallest subnormal.</param>
internal readonly record struct OutputRounding(double Relative, double Absolute)
{
    /// <summary>The rounding to Half, BFloat16 or float, which needs none.</summary>
    public static OutputRounding To(Type element) =>
        element == typeof(Half) ? new(Math.ScaleB(1, -11), Math.ScaleB(1, -25))
        : element == typeof(BFloat16) ? new(Math.ScaleB(1, -8), Math.ScaleB(1, -134))
        : default;
}
