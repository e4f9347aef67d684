using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.Quantization;

/// <summary>How registers of floats are stored, as a type.</summary>
internal unsafe interface IFloatStore
{
    /// <summary>Stores eight floats.</summary>
    static abstract void Store(Vector256<float> values, float* to);
}

/// <summary>Ordinary stores.</summary>
internal readonly unsafe struct CachedStore : IFloatStore
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> values, float* to) => values.Store(to);
}

/// <summary>Stores past the caches (<see cref="OutputStreaming"/>), to multiples of 32 bytes.</summary>
internal readonly unsafe struct StreamedStore : IFloatStore
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> values, float* to) => Vector256.StoreAlignedNonTemporal(values, to);
}
