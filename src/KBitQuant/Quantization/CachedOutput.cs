using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.Quantization;

/// <summary>Ordinary stores.</summary>
/// <param name="to">Where the first values go.</param>
internal unsafe struct CachedOutput(void* to) : IOutput<Vector256<byte>>, IOutput<Vector512<byte>>
{
    private byte* _to = (byte*)to;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(Vector256<byte> values)
    {
        values.Store(_to);
        _to += Vector256<byte>.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(Vector512<byte> values)
    {
        values.Store(_to);
        _to += Vector512<byte>.Count;
    }
}
