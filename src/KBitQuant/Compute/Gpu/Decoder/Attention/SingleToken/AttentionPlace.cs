using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>The part of a group of <see cref="AttentionStepKernel"/>.</summary>
internal struct AttentionPlace
{
    /// <summary>The token's position: so many the cache knows.</summary>
    public int Known;

    /// <summary>The key and value head.</summary>
    public int Head;

    /// <summary>The first of its query rows.</summary>
    public int FirstRow;

    /// <summary>Head and rows together.</summary>
    public int RowGroup;

    /// <summary>The share of the positions.</summary>
    public int Split;

    /// <summary>How many there are; groups past the last one have nothing to do.</summary>
    public int Shares;

    /// <summary>The first position.</summary>
    public int Start;

    /// <summary>After the last one that the cache knows.</summary>
    public int End;

    /// <summary>Whether the share has the token itself, which may be all that it has.</summary>
    public readonly bool HasToken => Split == Shares - 1;

    /// <summary>The part of the thread's group.</summary>
    public static AttentionPlace Own(AttentionStepArguments arguments)
    {
        // The position was set, and the cache written, by steps that have ended.
        int known = (int)PtxMemory.Load(arguments.Heads.Step + (StepLayout.Position * sizeof(int)));
        int tiles = (known / AttentionStepKernel.TilePositions) + 1;
        int share = ((tiles - 1) / arguments.Splits) + 1;
        int rowsOfHead = Grid.IdxY / arguments.Heads.KeyValueHeadCount;
        int start = Grid.IdxX * share * AttentionStepKernel.TilePositions;
        return new()
        {
            Known = known,
            Head = Grid.IdxY - (rowsOfHead * arguments.Heads.KeyValueHeadCount),
            FirstRow = rowsOfHead * AttentionStepKernel.Rows,
            RowGroup = Grid.IdxY,
            Split = Grid.IdxX,
            Shares = ((tiles - 1) / share) + 1,
            Start = start,
            End = IntrinsicMath.Min(start + (share * AttentionStepKernel.TilePositions), known),
        };
    }
}
