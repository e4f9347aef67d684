using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.Quantization;

/// <summary>Ordinary stores.</summary>
/// <param name="to">Where the first values go.</param>
internal unsafe struct CachedOutput(void* to) : IOutput<Vector256<byte>>, IOutput<Vector512<byte>>
{
    private byte* _to = (byte*)to;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Write(Vector256<byte> values, int place) => values.Store(_to + (place * Vector256<byte>.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Write(Vector512<byte> values, int place) => values.Store(_to + (place * Vector512<byte>.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void IOutput<Vector256<byte>>.Advance(int registers) => _to += registers * Vector256<byte>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void IOutput<Vector512<byte>>.Advance(int registers) => _to += registers * Vector512<byte>.Count;
}
