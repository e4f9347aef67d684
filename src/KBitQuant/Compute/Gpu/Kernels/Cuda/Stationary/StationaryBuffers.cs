using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>
/// The sums of some units in shared memory, [buffer][eight input rows][slot]: of each the 16 x 8 sums as the lanes of a warp have them, 16 bytes
/// each. Units take the buffers in turn. Ahead of them, each has two barriers: at one the slots arrive that have stored their sums of a unit, at
/// the other the warps that have added them. So a warp waits for none but those whose sums it adds, or whose buffer it takes.
/// </summary>
internal struct StationaryBuffers
{
    private const int BarrierBytes = 8;

    /// <summary>Bytes of the barriers ahead of the sums: of as many buffers as a group may have.</summary>
    private const uint Barriers = 2 * BarrierBytes * 32;

    /// <summary>Where the barriers begin.</summary>
    private uint _barriers;

    /// <summary>The logarithm of how many buffers there are.</summary>
    private int _shift;

    /// <summary>The logarithm of how many times eight input rows there are.</summary>
    private int _columnsShift;

    /// <summary>Bytes of shared memory.</summary>
    /// <param name="count">How many buffers.</param>
    /// <param name="bytes">Bytes of the sums in one.</param>
    public static int Bytes(int count, int bytes) => (int)Barriers + (count * bytes);

    /// <summary>Makes the barriers; one of the group must follow.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="place">The thread's.</param>
    /// <param name="shared">Where the barriers begin.</param>
    /// <param name="columnsShift">The logarithm of how many times eight input rows there are.</param>
    public static StationaryBuffers Begin(StationaryArguments arguments, StationaryPlace place, uint shared, int columnsShift)
    {
        var buffers = new StationaryBuffers { _barriers = shared, _shift = arguments.BufferShift, _columnsShift = columnsShift };
        if (place.Warp == 0 && place.Lane < 1 << arguments.BufferShift)
        {
            PtxBulkCopy.MakeBarrier(buffers.Stored(place.Lane), Group.DimX >> 5);
            PtxBulkCopy.MakeBarrier(buffers.Added(place.Lane), 1 << columnsShift);
        }

        return buffers;
    }

    /// <summary>Where a lane's sums of a unit go with the first eight input rows, once the buffer is free. With the next eight, slots further on.</summary>
    public readonly uint Claim(StationaryPlace place, int unit)
    {
        if (unit >> _shift != 0)
            PtxBulkCopy.Await(Added(unit), Parity(unit) ^ 1);
        return Address(unit, 0) + (uint)((place.Slot * StationaryGroup.FragmentBytes) + (place.Lane * StationaryGroup.LaneBytes));
    }

    /// <summary>The warp's sums of a unit are stored.</summary>
    public readonly void Publish(StationaryPlace place, int unit) => Arrive(place, Stored(unit));

    /// <summary>Adds a lane's part of a fragment, counted through all units, over the slices in their order.</summary>
    public readonly Floats4 Add(StationaryPlace place, int fragment)
    {
        int unit = fragment >> _columnsShift;
        PtxBulkCopy.Await(Stored(unit), Parity(unit));
        Floats4 sum = StationaryGroup.AddSlices(Address(unit, fragment & ((1 << _columnsShift) - 1)) + (uint)(place.Lane * StationaryGroup.LaneBytes), place.Slices);
        Arrive(place, Added(unit));
        return sum;
    }

    private static void Arrive(StationaryPlace place, uint barrier)
    {
        PtxLanes.Barrier();
        PtxBulkCopy.ArriveOwn(barrier, place.Lane == 0 ? 1u : 0u);
    }

    private readonly uint Stored(int unit) => _barriers + (uint)((unit & ((1 << _shift) - 1)) * 2 * BarrierBytes);

    private readonly uint Added(int unit) => Stored(unit) + BarrierBytes;

    /// <summary>That of the phases in which a unit's slots and adders arrive.</summary>
    private readonly uint Parity(int unit) => (uint)(unit >> _shift) & 1;

    /// <summary>Where the sums of the first slot are, of a unit and eight input rows.</summary>
    private readonly uint Address(int unit, int column)
    {
        uint buffer = (uint)(unit & ((1 << _shift) - 1));
        return _barriers + Barriers + (((buffer << _columnsShift) + (uint)column) * (uint)(Group.DimX >> 5) * StationaryGroup.FragmentBytes);
    }
}
