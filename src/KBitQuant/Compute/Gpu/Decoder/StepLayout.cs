namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>What changes from one pass through a decoder to the next lies in device memory, so that recorded work can be replayed:
/// an array of the position of the first token, then the tokens.</summary>
internal static class StepLayout
{
    /// <summary>Where the tokens that the cache holds already are counted.</summary>
    public const int Position = 0;

    /// <summary>Where the tokens of the pass begin.</summary>
    public const int FirstToken = 1;
}
