using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Quantization;

/// <summary>Stores past the caches with AVX-512 (<see cref="OutputStreaming"/>), a line each. They must be aligned, outputs are so to their
/// floats only: of each two registers the last lanes of the first and the first ones of the second are stored.</summary>
internal unsafe struct StreamedOutput512 : IOutput<Vector512<byte>>
{
    private readonly Vector512<int> _lanes;
    private Vector512<float> _last;
    private float* _to;

    /// <param name="to">Where the first values go; the 64 bytes before are the output's, too, and written.</param>
    public StreamedOutput512(void* to)
    {
        int lanes = OutputStreaming.LanesBeyond(to, Vector512<byte>.Count);
        _to = (float*)to - lanes;
        _lanes = Vector512<int>.Indices + Vector512.Create(Vector512<int>.Count - lanes);
        _last = Vector512.Load((float*)to - Vector512<float>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(Vector512<byte> values, int place)
    {
        Vector512.StoreAlignedNonTemporal(Avx512F.PermuteVar16x32x2(_last, _lanes, values.AsSingle()), _to + (place * Vector512<float>.Count));
        _last = values.AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int registers) => _to += registers * Vector512<float>.Count;

    /// <summary>Writes what is left: the last register again, where it belongs.</summary>
    public readonly void End()
    {
        _last.Store(_to - _lanes[0]);
        Sse.StoreFence();
    }
}
