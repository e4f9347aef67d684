using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;

namespace KBitQuant.Compute.Gpu.Decoder.Activations;

/// <summary>The nonlinearities, as kernels compute them.</summary>
internal static class ActivationFormula
{
    /// <summary>The activation, an <see cref="ActivationKind"/>, of a value.</summary>
    public static float Of<TPlatform>(float x, int kind)
        where TPlatform : struct, IGpuPlatform
    {
        if (kind == (int)ActivationKind.Silu)
            return x * Sigmoid<TPlatform>(x);
        // sqrt(2 / pi) (x + 0.044715 x^3), twice: 0.5 (1 + tanh u) is sigmoid(2u).
        const float TwiceRoot = 1.5957691216057308f;
        if (kind == (int)ActivationKind.GeluByTanh)
            return x * Sigmoid<TPlatform>(x * TwiceRoot * ((x * x * 0.044715f) + 1));
        return Gelu<TPlatform>(x);
    }

    private static float Sigmoid<TPlatform>(float x)
        where TPlatform : struct, IGpuPlatform => 1 / (1 + default(TPlatform).Exp(-x));

    /// <summary>With q = 1 - erf(|x| / sqrt 2): x - 0.5 x q on the right, 0.5 x q on the left, which does not cancel. q by formula
    /// 7.1.26 of Abramowitz and Stegun, within 1.5e-7.</summary>
    private static float Gelu<TPlatform>(float x)
        where TPlatform : struct, IGpuPlatform
    {
        const float RootOfHalf = 0.70710678118654752f;
        float z = IntrinsicMath.Abs(x) * RootOfHalf;
        float t = 1 / ((z * 0.3275911f) + 1);
        float q = 1.061405429f;
        q = (q * t) - 1.453152027f;
        q = (q * t) + 1.421413741f;
        q = (q * t) - 0.284496736f;
        q = (q * t) + 0.254829592f;
        float half = x * 0.5f * q * t * default(TPlatform).Exp(-(z * z));
        return x > 0 ? x - half : half;
    }
}
