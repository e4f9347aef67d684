namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>How the codes of one k come out of <see cref="PackedLayout"/>.</summary>
/// <typeparam name="TCodes">A lane's codes of a slice, in registers.</typeparam>
internal interface ICodeFormat<TCodes>
    where TCodes : unmanaged
{
    /// <summary>k.</summary>
    int Bits { get; }

    /// <summary>Loads a slice.</summary>
    /// <param name="address">The lane's address of the slice, as its words need it.</param>
    TCodes Load<TWords>(long address)
        where TWords : struct, ICodeWords;

    /// <summary>The symbols of the slice's first tile.</summary>
    Symbols FirstTile(TCodes codes);

    /// <summary>The symbols of the slice's second tile.</summary>
    Symbols SecondTile(TCodes codes);
}
