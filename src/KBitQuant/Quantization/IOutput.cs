namespace KBitQuant.Quantization;

/// <summary>Takes a decoder's registers, one after the other, to memory.</summary>
/// <typeparam name="TVector">The register.</typeparam>
internal interface IOutput<TVector>
    where TVector : struct
{
    /// <summary>Writes the next values.</summary>
    void Write(TVector values);
}
