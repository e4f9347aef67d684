namespace KBitQuant.Compute.Gpu.Kernels;

/// <summary>How an element type is widened to float and rounded from it within a kernel. 16-bit types are carried as their bits and
/// converted with integers: every device then rounds to nearest, ties to even, whether or not it knows the type.</summary>
/// <typeparam name="TStorage">What holds an element in memory.</typeparam>
internal interface IElement<TStorage>
    where TStorage : unmanaged
{
    /// <summary>Widens exactly.</summary>
    float Widen(TStorage element);

    /// <summary>Rounds to nearest, ties to even; NaN stays NaN.</summary>
    TStorage Round(float value);
}
