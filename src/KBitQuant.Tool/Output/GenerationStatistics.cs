using KBitQuant.Transformers.Generation;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Tool.Output;

/// <summary>What <c>generate --stats</c> says: speed, memory and kernels.</summary>
internal sealed class GenerationStatistics
{
    private const string NoKernel = "none";

    private readonly IReadOnlyList<string> _kernels;

    public GenerationStatistics(TransformerModel model, GenerationClock clock)
    {
        (PromptTokens, PromptTokensPerSecond) = (clock.PromptTokens, clock.PromptRate);
        (DecodedTokens, DecodedTokensPerSecond) = (clock.DecodedTokens, clock.DecodeRate);
        (PreparedWeightBytes, DenseWeightBytes) = (model.Memory.PreparedBytes, model.Memory.DenseBytes);
        ResidentBytes = Environment.WorkingSet;
        ManagedBytes = GC.GetTotalMemory(forceFullCollection: false);
        _kernels = model.KernelNames;
    }

    public int PromptTokens { get; }

    public double? PromptTokensPerSecond { get; }

    public int DecodedTokens { get; }

    public double? DecodedTokensPerSecond { get; }

    public long PreparedWeightBytes { get; }

    public long DenseWeightBytes { get; }

    public long ResidentBytes { get; }

    public long ManagedBytes { get; }

    /// <summary>The same for people.</summary>
    public string[] Lines() =>
    [
        $"prefill   {Rate(PromptTokensPerSecond)} over {PromptTokens:N0} tokens",
        $"decode    {Rate(DecodedTokensPerSecond)} over {DecodedTokens:N0} tokens",
        $"weights   {Quantities.Bytes(PreparedWeightBytes)} prepared, {Quantities.Bytes(DenseWeightBytes)} dense",
        $"memory    {Quantities.Bytes(ResidentBytes)} resident, {Quantities.Bytes(ManagedBytes)} of it in the managed heap",
        $"kernels   {(_kernels.Count == 0 ? NoKernel : string.Join(", ", _kernels))}",
    ];

    private static string Rate(double? rate) => rate is { } value ? $"{value:F1} tokens/s" : "no time";
}
