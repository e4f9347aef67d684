using System.Numerics;
using System.Runtime.CompilerServices;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>Functions of one variable over spans: one traversal, an operator for each formula.</summary>
internal static class VectorFunctions
{
    /// <summary>A function of each lane.</summary>
    public interface IFunction
    {
        static abstract Vector<float> Invoke(Vector<float> x);
    }

    /// <summary>Replaces each value by the function of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transform<TFunction>(Span<float> values)
        where TFunction : IFunction
    {
        int whole = values.Length - (values.Length % Vector<float>.Count);
        for (int i = 0; i < whole; i += Vector<float>.Count)
            TFunction.Invoke(new Vector<float>(values[i..])).CopyTo(values[i..]);
        Span<float> rest = values[whole..];
        Span<float> lanes = stackalloc float[Vector<float>.Count];
        lanes.Clear();
        rest.CopyTo(lanes);
        TFunction.Invoke(new Vector<float>(lanes)).CopyTo(lanes);
        lanes[..rest.Length].CopyTo(rest);
    }

    private static Vector<float> Sigmoid(Vector<float> x) => Vector<float>.One / (Vector<float>.One + Vector.Exp(-x));

    /// <summary>x sigmoid(x).</summary>
    public readonly struct Silu : IFunction
    {
        public static Vector<float> Invoke(Vector<float> x) => x * Sigmoid(x);
    }

    /// <summary>0.5 x (1 + tanh(u)) with u = sqrt(2 / pi) (x + 0.044715 x^3), which is x sigmoid(2u): the approximation of arXiv
    /// 1606.08415.</summary>
    public readonly struct GeluByTanh : IFunction
    {
        private static readonly float TwiceRoot = 2 * MathF.Sqrt(2 / MathF.PI);

        public static Vector<float> Invoke(Vector<float> x) => x * Sigmoid(x * TwiceRoot * ((x * x * 0.044715f) + Vector<float>.One));
    }

    /// <summary>0.5 x (1 + erf(x / sqrt 2)). With q(z) = 1 - erf(z) for z of 0 and more, this is x - 0.5 x q on the right and
    /// 0.5 x q on the left, which does not cancel. q by formula 7.1.26 of Abramowitz and Stegun, within 1.5e-7.</summary>
    public readonly struct Gelu : IFunction
    {
        public static Vector<float> Invoke(Vector<float> x)
        {
            Vector<float> z = Vector.Abs(x) * MathF.Sqrt(0.5f);
            Vector<float> t = Vector<float>.One / ((z * 0.3275911f) + Vector<float>.One);
            Vector<float> q = Vector.Create(1.061405429f);
            q = (q * t) + Vector.Create(-1.453152027f);
            q = (q * t) + Vector.Create(1.421413741f);
            q = (q * t) + Vector.Create(-0.284496736f);
            q = (q * t) + Vector.Create(0.254829592f);
            Vector<float> half = x * 0.5f * q * t * Vector.Exp(-(z * z));
            return Vector.ConditionalSelect(Vector.GreaterThan(x, Vector<float>.Zero), x - half, half);
        }
    }
}
