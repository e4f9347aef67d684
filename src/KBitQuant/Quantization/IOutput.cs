namespace KBitQuant.Quantization;

/// <summary>Takes a decoder's registers, one after the other, to memory.</summary>
/// <typeparam name="TVector">The register.</typeparam>
internal interface IOutput<TVector>
    where TVector : struct
{
    /// <summary>Writes the next values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="place">Registers written since the last <see cref="Advance"/>.</param>
    void Write(TVector values, int place);

    /// <summary>Goes on behind some registers: once for several, as each addition is an instruction.</summary>
    void Advance(int registers);
}
