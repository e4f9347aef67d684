using System.Runtime.Intrinsics;

namespace KBitQuant.Quantization;

/// <summary>Chooses the codes of 32 scaled values.</summary>
internal interface IStepEncoder
{
    /// <summary>The codes, in order.</summary>
    Vector256<byte> Encode(Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3);
}
