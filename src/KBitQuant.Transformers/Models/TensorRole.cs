namespace KBitQuant.Transformers.Models;

/// <summary>What a tensor is to its model; only the weights of linear layers and of the output head can be quantized.</summary>
public enum TensorRole
{
    /// <summary>The matrix of token embeddings, [vocabulary, hidden]; where embeddings are tied, the output head too.</summary>
    Embedding,

    /// <summary>A weight or bias of a normalization.</summary>
    Norm,

    /// <summary>The weight of a linear layer, [outputs, inputs].</summary>
    Linear,

    /// <summary>The bias of a linear layer.</summary>
    Bias,

    /// <summary>The weight of the output head, [vocabulary, hidden], where it is a tensor of its own.</summary>
    Head,
}
