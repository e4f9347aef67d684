using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>Hands sums from group to group, through global memory. A flag has one group that sets it and one that resets it; the next
/// kernel is the next to set it.</summary>
internal static class PrefillExchange
{
    /// <summary>The most groups that share a tile.</summary>
    public const int MaxSharers = 16;

    private const int EightBytes = PrefillGroup.Size * 4 * sizeof(float);

    /// <summary>Bytes of the sums of a group that takes some input rows.</summary>
    public static int Bytes(int columns) => columns / 8 * EightBytes;

    /// <summary>Hands over the sums of a group.</summary>
    public static void Give(PrefillArguments arguments, int group, int columns, int eights, int thread)
    {
        PrefillSums.Visit(new Store { Address = Address(arguments, group, columns, thread), Count = eights }, columns);
        PtxGrid.Barrier();
        if (thread == 0)
            PtxMemory.StoreAndRelease(Flag(arguments, group, 0), 1);
    }

    /// <summary>Adds what a group hands over.</summary>
    public static void Take(PrefillArguments arguments, int group, int columns, int thread)
    {
        long flag = Flag(arguments, group, 0);
        Await(flag);
        PrefillSums.Visit(new Add { Address = Address(arguments, group, columns, thread) }, columns);
        PtxGrid.Barrier();
        if (thread == 0)
            PtxMemory.Store(flag, 0);
    }

    /// <summary>Hands each of the groups that share a tile its columns, keeps the own ones in shared memory, and waits for what others hand
    /// over.</summary>
    public static void Share(PrefillArguments arguments, SharedTile tile, int columns, int thread)
    {
        int group = tile.FirstGroup + (tile.Share * tile.GroupStep);
        var divide = new Divide
        {
            Own = tile.Own,
            Address = Address(arguments, group, columns, thread),
            Room = Room(tile, tile.Own.First, thread),
        };
        // In the room are inputs, with which other warps may still be multiplying.
        PtxGrid.Barrier();
        PrefillSums.Visit(divide, columns);
        PtxGrid.Barrier();
        if (thread < arguments.Schedule.Sharers && thread != tile.Share)
        {
            PtxMemory.StoreAndRelease(Flag(arguments, group, thread), 1);
            long flag = Flag(arguments, tile.FirstGroup + (thread * tile.GroupStep), tile.Share);
            Await(flag);
            PtxMemory.Store(flag, 0);
        }

        PtxGrid.Barrier();
    }

    /// <summary>Puts some of the own columns of a tile in the place of its first ones, and adds what others handed over (<see cref="Share"/>),
    /// in their order.</summary>
    /// <param name="arguments">The product.</param>
    /// <param name="tile">The tile.</param>
    /// <param name="eight">The first eight to put.</param>
    /// <param name="some">How many columns: a constant once everything is inlined.</param>
    /// <param name="columns">Columns of the tile.</param>
    /// <param name="thread">The thread in its group.</param>
    public static void AddShares(PrefillArguments arguments, SharedTile tile, int eight, int some, int columns, int thread)
    {
        int sharers = arguments.Schedule.Sharers;
        int count = tile.Own.End - eight;
        PrefillSums.Visit(new Restore { Count = count, Room = Room(tile, eight, thread) }, some);
        long address = Address(arguments, tile.FirstGroup, columns, thread) + (eight * EightBytes);
        long bytes = (long)tile.GroupStep * Bytes(columns);
        for (int first = 0; first < sharers; first += 2, address += 2 * bytes)
        {
            var add = new AddTwo
            {
                Count = count,
                First = address,
                Second = address + bytes,
                HasFirst = first != tile.Share ? 1u : 0u,
                HasSecond = first + 1 < sharers && first + 1 != tile.Share ? 1u : 0u,
            };
            PrefillSums.Visit(add, some);
        }
    }

    private static void Await(long flag)
    {
        while (PtxMemory.LoadAndAcquire(flag) == 0)
        {
        }
    }

    private static long Address(PrefillArguments arguments, int group, int columns, int thread) =>
        arguments.Partials + ((long)group * Bytes(columns)) + (thread * 4 * sizeof(float));

    /// <summary>Where a thread keeps its sums of an own eight columns.</summary>
    private static uint Room(SharedTile tile, int eight, int thread) =>
        tile.Room + (uint)(((eight - tile.Own.First) * EightBytes) + (thread * 4 * sizeof(float)));

    private static long Flag(PrefillArguments arguments, int group, int share) =>
        arguments.Flags + (((group * MaxSharers) + share) * sizeof(uint));

    private struct Store : ISumVisitor
    {
        public int Count;
        public long Address;

        public readonly void Visit(int eight)
        {
            if (eight < Count)
                PtxMemory.StoreFloats4(Address + (eight * EightBytes), PrefillSums.Read(eight));
        }
    }

    private struct Divide : ISumVisitor
    {
        public ColumnShare Own;
        public long Address;
        public uint Room;

        public readonly void Visit(int eight)
        {
            if (Own.Has(eight))
                PtxMemory.StoreSharedFloats4(Room + (uint)((eight - Own.First) * EightBytes), PrefillSums.Read(eight));
            else if (eight < Own.Count)
                PtxMemory.StoreFloats4(Address + (eight * EightBytes), PrefillSums.Read(eight));
        }
    }

    private struct Restore : ISumVisitor
    {
        public int Count;
        public uint Room;

        public readonly void Visit(int eight)
        {
            if (eight < Count)
                PrefillSums.Set(eight, PtxMemory.LoadSharedFloats4(Room + (uint)(eight * EightBytes)));
        }
    }

    private struct Add : ISumVisitor
    {
        public long Address;

        public readonly void Visit(int eight) => PrefillSums.Add(eight, PtxMemory.LoadFloats4(Address + (eight * EightBytes)));
    }

    /// <summary>Without branches, so that the loads of all columns are on their way together.</summary>
    private struct AddTwo : ISumVisitor
    {
        public int Count;
        public long First;
        public long Second;
        public uint HasFirst;
        public uint HasSecond;

        public readonly void Visit(int eight)
        {
            uint isOwn = eight < Count ? 1u : 0u;
            Floats4 first = PtxMemory.LoadFloatsIf4(First + (eight * EightBytes), HasFirst & isOwn);
            Floats4 second = PtxMemory.LoadFloatsIf4(Second + (eight * EightBytes), HasSecond & isOwn);
            PrefillSums.Add(eight, first);
            PrefillSums.Add(eight, second);
        }
    }
}
