using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>The constants of a row group as they are stored, 16 lanes a segment, read one segment after the other. Decoded beforehand, all at
/// once, they hold up the codes behind them.</summary>
internal static unsafe class StoredLanes512
{
    /// <summary>How far ahead constants are asked for: those of the row group after the next, where there are 64 segments of 16-bit floats.</summary>
    private const int Distance = 4096;

    /// <summary>A segment's constants; those of a later one are on their way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(byte* segment, LaneFormat format)
    {
        Sse.Prefetch1(segment + Distance);
        if (format == LaneFormat.Half)
            return WidenFinite(Avx512F.ConvertToVector512Int32(Avx.LoadVector256((short*)segment)));
        if (format == LaneFormat.Single)
            return Avx512F.LoadVector512((float*)segment);
        return (Avx512F.ConvertToVector512UInt32(Avx.LoadVector256((ushort*)segment)) << 16).AsSingle();
    }

    /// <summary>Bytes of a segment's constants.</summary>
    public static int Bytes(LaneFormat format) => RowLaneLayout.Lanes * (format == LaneFormat.Single ? sizeof(float) : sizeof(ushort));

    /// <summary>Finite Halfs, their sign in all upper bits, to floats. A product moves the exponent, which makes subnormals normal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> WidenFinite(Vector512<int> halfs)
    {
        const uint TwoTo112 = (127u + 112u) << 23;
        return ((halfs.AsUInt32() << 13) & Vector512.Create(0x8FFF_FFFFu)).AsSingle() * Vector512.Create(TwoTo112).AsSingle();
    }
}
