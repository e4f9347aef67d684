using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Quantization;

/// <summary>The frame of all <see cref="IStepEncoder"/>s: (x - offset) * scale, 32 values at a time.</summary>
internal static unsafe class StepEncoding
{
    /// <summary>Values of a step.</summary>
    public const int Length = 32;

    private const int Lanes = 8;

    /// <summary>How far ahead values are asked for: they may come from memory.</summary>
    private const int PrefetchDistance = 2048;

    /// <summary>Writes a code for each value of one block after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TEncoder>(TEncoder encoder, float* values, BlockScales blocks, int length, byte* codes)
        where TEncoder : struct, IStepEncoder
    {
        int block = 0;
        for (int start = 0; start < length; start += blocks.Size, block++)
        {
            int end = (int)Math.Min((long)start + blocks.Size, length);
            if (!blocks.TryGet(block, out float offset, out float scale))
            {
                new Span<byte>(codes + start, end - start).Clear();
                continue;
            }

            Vector256<float> offsets = Vector256.Create(offset);
            Vector256<float> scales = Vector256.Create(scale);
            int i = start;
            for (; i <= end - Length; i += Length)
            {
                Prefetch(values + i);
                Step(encoder, values + i, offsets, scales).Store(codes + i);
            }

            if (i < end)
                EncodeRest(encoder, new ReadOnlySpan<float>(values + i, end - i), offsets, scales, new Span<byte>(codes + i, end - i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Step<TEncoder>(TEncoder encoder, float* values, Vector256<float> offsets, Vector256<float> scales)
        where TEncoder : struct, IStepEncoder => encoder.Encode(
            (Vector256.Load(values) - offsets) * scales,
            (Vector256.Load(values + Lanes) - offsets) * scales,
            (Vector256.Load(values + (2 * Lanes)) - offsets) * scales,
            (Vector256.Load(values + (3 * Lanes)) - offsets) * scales);

    /// <summary>Less than a step is one of its own, filled up with zeros.</summary>
    private static void EncodeRest<TEncoder>(TEncoder encoder, ReadOnlySpan<float> values, Vector256<float> offsets, Vector256<float> scales, Span<byte> codes)
        where TEncoder : struct, IStepEncoder
    {
        float* step = stackalloc float[Length];
        byte* stepCodes = stackalloc byte[Length];
        values.CopyTo(new Span<float>(step, Length));
        Step(encoder, step, offsets, scales).Store(stepCodes);
        new ReadOnlySpan<byte>(stepCodes, codes.Length).CopyTo(codes);
    }

    /// <summary>The two lines of a step ahead.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* values)
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0(values + PrefetchDistance);
        Sse.Prefetch0(values + PrefetchDistance + (Length / 2));
    }

    /// <summary>The low bytes of 32 integers from 0 to 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ToBytes(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        if (!Avx2.IsSupported)
            return Vector256.Narrow(Vector256.Narrow(a, b).AsUInt16(), Vector256.Narrow(c, d).AsUInt16());
        // Packing works within 128 bits: dword 4h + j is the h-th half of the j-th vector.
        Vector256<byte> packed = Avx2.PackUnsignedSaturate(Avx2.PackSignedSaturate(a, b), Avx2.PackSignedSaturate(c, d));
        return Avx2.PermuteVar8x32(packed.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte();
    }
}
