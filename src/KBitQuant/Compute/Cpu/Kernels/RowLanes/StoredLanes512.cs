using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Numerics;
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
            return Elements.WidenFinite(Avx512F.ConvertToVector512Int32(Avx.LoadVector256((short*)segment)).AsUInt32());
        if (format == LaneFormat.Single)
            return Avx512F.LoadVector512((float*)segment);
        return (Avx512F.ConvertToVector512UInt32(Avx.LoadVector256((ushort*)segment)) << 16).AsSingle();
    }

    /// <summary>Bytes of a segment's constants.</summary>
    public static int Bytes(LaneFormat format) => RowLaneLayout.Lanes * (format == LaneFormat.Single ? sizeof(float) : sizeof(ushort));
}
