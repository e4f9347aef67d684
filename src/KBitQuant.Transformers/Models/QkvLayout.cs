namespace KBitQuant.Transformers.Models;

/// <summary>How a family stores the projections to queries, keys and values.</summary>
public enum QkvLayout
{
    /// <summary>Three matrices.</summary>
    Separate,

    /// <summary>One matrix whose rows are, head by head, the head's queries, keys and values (GPT-NeoX).</summary>
    FusedPerHead,
}
