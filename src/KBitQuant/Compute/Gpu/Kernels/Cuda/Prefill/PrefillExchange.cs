using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>Hands sums from group to group, through global memory.</summary>
internal static class PrefillExchange
{
    private const int EightBytes = PrefillGroup.Size * 4 * sizeof(float);

    /// <summary>Bytes of the sums of a group that takes some input rows.</summary>
    public static int Bytes(int columns) => columns / 8 * EightBytes;

    /// <summary>Hands over the sums of a group.</summary>
    public static void Give(PrefillArguments arguments, int group, int columns, int thread)
    {
        var store = new Store { Address = Address(arguments, group, columns, thread) };
        PrefillSums.Visit128(store, 0);
        if (columns > 128)
            PrefillSums.Visit128(store, 16);
        PtxGrid.Barrier();
        if (thread == 0)
            PtxMemory.StoreAndRelease(arguments.Flags + (group * sizeof(uint)), 1);
    }

    /// <summary>Adds what a group hands over.</summary>
    public static void Take(PrefillArguments arguments, int group, int columns, int thread)
    {
        long flag = arguments.Flags + (group * sizeof(uint));
        while (PtxMemory.LoadAndAcquire(flag) == 0)
        {
        }

        var add = new Add { Address = Address(arguments, group, columns, thread) };
        PrefillSums.Visit128(add, 0);
        if (columns > 128)
            PrefillSums.Visit128(add, 16);
        PtxGrid.Barrier();
        // The next kernel is the next to look at it.
        if (thread == 0)
            PtxMemory.Store(flag, 0);
    }

    private static long Address(PrefillArguments arguments, int group, int columns, int thread) =>
        arguments.Partials + ((long)group * Bytes(columns)) + (thread * 4 * sizeof(float));

    private struct Store : ISumVisitor
    {
        public long Address;

        public readonly void Visit(int eight) => PtxMemory.StoreFloats4(Address + (eight * EightBytes), PrefillSums.Read(eight));
    }

    private struct Add : ISumVisitor
    {
        public long Address;

        public readonly void Visit(int eight) => PrefillSums.Add(eight, PtxMemory.LoadFloats4(Address + (eight * EightBytes)));
    }
}
