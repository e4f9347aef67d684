namespace KBitQuant.Transformers.Models.Layers;

/// <summary>A linear layer on some device, as the accounts of a model see it.</summary>
internal interface ILoadedLinear
{
    /// <summary>Bytes that the weight holds, its bias not included.</summary>
    long ByteLength { get; }

    /// <summary>The kernel that runs the weight; null where it is dense.</summary>
    string? KernelName { get; }
}
