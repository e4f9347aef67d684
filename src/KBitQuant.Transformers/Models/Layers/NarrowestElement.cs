using System.Numerics.Tensors;
using KBitQuant.Numerics;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>Dense weights are kept in the narrowest of Half, BFloat16 and float that holds every value exactly.</summary>
internal static class NarrowestElement
{
    /// <summary>Converts values, where all are finite and survive it.</summary>
    public static bool TryNarrow<T>(float[] values, out T[] narrow)
        where T : unmanaged
    {
        const int Chunk = 1024;
        narrow = new T[values.Length];
        Span<float> widened = stackalloc float[Chunk];
        for (int start = 0; start < values.Length; start += Chunk)
        {
            int length = Math.Min(Chunk, values.Length - start);
            ReadOnlySpan<float> source = values.AsSpan(start, length);
            Elements.FromSingle(source, narrow.AsSpan(start, length));
            Elements.ToSingle<T>(narrow.AsSpan(start, length), widened);
            if (!source.SequenceEqual(widened[..length]) || !TensorPrimitives.IsFiniteAll(source))
                return false;
        }

        return true;
    }
}
