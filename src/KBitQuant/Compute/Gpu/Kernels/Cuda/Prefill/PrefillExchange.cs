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
        PrefillSums.Visit(new Store { Address = Address(arguments, group, columns, thread), Kept = new() { Count = eights } }, columns);
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

    /// <summary>Hands each of the groups that share a tile its columns, and adds what they hand over, in their order.</summary>
    /// <param name="arguments">The product.</param>
    /// <param name="group">The first of the groups.</param>
    /// <param name="share">The place of the own one.</param>
    /// <param name="own">Its columns.</param>
    /// <param name="columns">Columns of the tile.</param>
    /// <param name="step">From one of the groups to the next.</param>
    /// <param name="thread">The thread in its group.</param>
    public static void Share(PrefillArguments arguments, int group, int share, ColumnShare own, int columns, int step, int thread)
    {
        int sharers = arguments.Schedule.Sharers;
        PrefillSums.Visit(new Store { Address = Address(arguments, group + (share * step), columns, thread), Kept = own }, columns);
        PtxGrid.Barrier();
        if (thread < sharers && thread != share)
        {
            PtxMemory.StoreAndRelease(Flag(arguments, group + (share * step), thread), 1);
            long flag = Flag(arguments, group + (thread * step), share);
            Await(flag);
            PtxMemory.Store(flag, 0);
        }

        PtxGrid.Barrier();
        long address = Address(arguments, group, columns, thread);
        long bytes = (long)step * Bytes(columns);
        for (int first = 0; first < sharers; first += 2, address += 2 * bytes)
        {
            PrefillSums.Visit(
                new AddTwo
                {
                    Own = own,
                    First = address,
                    Second = address + bytes,
                    HasFirst = first != share ? 1u : 0u,
                    HasSecond = first + 1 < sharers && first + 1 != share ? 1u : 0u,
                },
                columns);
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

    private static long Flag(PrefillArguments arguments, int group, int share) =>
        arguments.Flags + (((group * MaxSharers) + share) * sizeof(uint));

    private struct Store : ISumVisitor
    {
        public long Address;
        public ColumnShare Kept;

        public readonly void Visit(int eight)
        {
            if (eight < Kept.Count && !Kept.Has(eight))
                PtxMemory.StoreFloats4(Address + (eight * EightBytes), PrefillSums.Read(eight));
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
        public ColumnShare Own;
        public long First;
        public long Second;
        public uint HasFirst;
        public uint HasSecond;

        public readonly void Visit(int eight)
        {
            uint isOwn = Own.Has(eight) ? 1u : 0u;
            Floats4 first = PtxMemory.LoadFloatsIf4(First + (eight * EightBytes), HasFirst & isOwn);
            Floats4 second = PtxMemory.LoadFloatsIf4(Second + (eight * EightBytes), HasSecond & isOwn);
            PrefillSums.Add(eight, first);
            PrefillSums.Add(eight, second);
        }
    }
}
