using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Quantization;

/// <summary>Stores past the caches with AVX2 (<see cref="OutputStreaming"/>). They must be aligned, outputs are so to their floats only: each
/// register is rotated, and stored with what is left of the one before.</summary>
internal unsafe struct StreamedOutput256 : IOutput<Vector256<byte>>
{
    private readonly Vector256<int> _rotation;
    private readonly Vector256<float> _isLeft;
    private Vector256<float> _left;
    private float* _to;

    /// <param name="to">Where the first values go; the 32 bytes before are the output's, too, and written.</param>
    public StreamedOutput256(void* to)
    {
        int lanes = OutputStreaming.LanesBeyond(to, Vector256<byte>.Count);
        _to = (float*)to - lanes;
        _rotation = Vector256<int>.Indices - Vector256.Create(lanes);
        _isLeft = Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(lanes)).AsSingle();
        _left = Avx2.PermuteVar8x32(Vector256.Load((float*)to - Vector256<float>.Count), _rotation);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(Vector256<byte> values, int place)
    {
        Vector256<float> rotated = Avx2.PermuteVar8x32(values.AsSingle(), _rotation);
        Vector256.StoreAlignedNonTemporal(Avx.BlendVariable(rotated, _left, _isLeft), _to + (place * Vector256<float>.Count));
        _left = rotated;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int registers) => _to += registers * Vector256<float>.Count;

    /// <summary>Writes what is left.</summary>
    public readonly void End()
    {
        Avx.MaskStore(_to, _isLeft, _left);
        Sse.StoreFence();
    }
}
