using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>
/// <see cref="AttentionKernel"/> for one token on GPUs of NVIDIA, heads of 128 elements. A group has up to eight query rows of one key and value head
/// and a share of the positions, of which a warp takes 32 at a time to the tensor cores, straight from registers; what the cache holds of the first
/// ones is asked for before the kernel ahead has finished. The token itself is the last warp's. Warps, and then groups, are added in a fixed order.
/// </summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class AttentionStepKernel
{
    /// <summary>Elements of a head.</summary>
    public const int HeadSize = 128;

    /// <summary>Query rows of a group.</summary>
    public const int Rows = 8;

    /// <summary>Warps of a group: in the end each has a row.</summary>
    public const int Warps = Rows;

    /// <summary>Threads of a group.</summary>
    public const int GroupSize = Warps * 32;

    /// <summary>Positions that a group takes at a time.</summary>
    public const int TilePositions = Warps * AttentionTile.WarpPositions;

    // Shared memory: queries and the token's key; sums [warp][row][element]; largest scores and sums of weights [warp][row].
    private const uint SumsAt = AttentionToken.Bytes;
    private const uint WarpSums = Rows * AttentionSums.RowBytes;
    private const uint TotalsAt = SumsAt + (Warps * WarpSums);
    private const uint WarpTotals = Rows * 8;
    private const int SharedBytes = (int)(TotalsAt + (Warps * WarpTotals));

    public static CudaKernel<AttentionStepArguments> Kernel { get; } = new("cuda-attention-step", Run, GroupSize, SharedBytes);

    private static void Run(AttentionStepArguments arguments)
    {
        PtxGrid.LetNextBegin();
        int thread = Group.IdxX;
        int lane = thread & 31;
        int warp = thread >> 5;
        var place = AttentionPlace.Own(arguments);
        if (place.Split >= place.Shares)
            return;
        int first = place.Start + (warp * AttentionTile.WarpPositions);
        AttentionTile keys = AttentionTile.Keys(arguments, place, first, lane);
        AttentionTile values = AttentionTile.Values(arguments, place, first, lane);
        var token = AttentionToken.Load(arguments, place, thread);
        uint shared = PtxMemory.DynamicShared();
        PtxGrid.WaitForPrevious();
        bool isToken = place.HasToken && warp == Warps - 1;
        Words4 low = AttentionToken.Value(arguments, place, lane >> 2, isToken);
        Words4 high = AttentionToken.Value(arguments, place, (lane >> 2) + (HeadSize / 16), isToken);
        token.Store(arguments, place, shared, thread);
        PtxGrid.Barrier();
        uint queries = shared + AttentionToken.LaneOffset(lane);
        float factor = arguments.Heads.Scale * IGpuPlatform.Log2OfE;
        AttentionState state = AttentionState.Empty;
        if (first < place.End)
            state = AttentionState.Of(AttentionScores.Of(keys, queries).Scaled(factor, place.End - first, lane), values);
        for (first += TilePositions; first < place.End; first += TilePositions)
        {
            keys = AttentionTile.Keys(arguments, place, first, lane);
            values = AttentionTile.Values(arguments, place, first, lane);
            state = state.With(AttentionScores.Of(keys, queries).Scaled(factor, place.End - first, lane), values);
        }

        if (isToken)
            state = state.WithToken(AttentionScores.OfKey(shared + AttentionToken.KeyAt + (uint)((lane & 3) * 8), queries, factor), low, high, lane);
        state.Store(shared + SumsAt + ((uint)warp * WarpSums), shared + TotalsAt + ((uint)warp * WarpTotals), lane);
        PtxGrid.Barrier();
        AttentionStepResult.Write(arguments, place, shared + SumsAt, shared + TotalsAt, thread);
    }
}
