namespace KBitQuant.Transformers.Models.Layers;

/// <summary>The accounts of a model's linear layers.</summary>
internal static class LoadedLinear
{
    /// <summary>The kernels that run the quantized ones, each once, and the bytes of all.</summary>
    /// <param name="linears">The layers.</param>
    /// <param name="vectorBytes">Bytes of norms and biases.</param>
    public static (IReadOnlyList<string> KernelNames, ModelMemory Memory) Describe(IReadOnlyList<ILoadedLinear> linears, long vectorBytes) => (
        [.. linears.Select(linear => linear.KernelName).OfType<string>().Distinct().Order()],
        new(
            linears.Where(linear => linear.KernelName is not null).Sum(linear => linear.ByteLength),
            linears.Where(linear => linear.KernelName is null).Sum(linear => linear.ByteLength) + vectorBytes));
}
